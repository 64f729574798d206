import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ZodError } from 'zod';
import { isUnavailable } from '#db';
import { type FieldError, Problem } from '#problem';
import type { Logger } from '#telemetry';

const byFastifyCode: Record<string, ConstructorParameters<typeof Problem>[0]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body.too_large',
  FST_REQ_FILE_TOO_LARGE: 'body.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type.unsupported',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'media_type.unsupported',
};

function fieldErrors(error: ZodError): FieldError[] {
  return error.issues.slice(0, 50).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
}

/** Any thrown thing as the {@link Problem} to answer with; what we did not foresee becomes `internal`. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ZodError) {
    return new Problem('request.malformed', { errors: fieldErrors(error), cause: error });
  }
  const fastify = error as FastifyError & { statusCode?: number };
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message }) => ({
      path: instancePath.replace(/^\//, '').replaceAll('/', '.'),
      message: message ?? 'is wrong',
    }));
    return new Problem('request.malformed', { errors, cause: error });
  }
  const known = byFastifyCode[fastify.code ?? ''];
  if (known) return new Problem(known, { cause: error });
  if (isUnavailable(error)) return new Problem('service.unavailable', { cause: error });
  // SQLSTATE class 22: data the database cannot read (a cursor with a broken date, a NUL in a text).
  if (/^22...$/.test(fastify.code ?? '')) return new Problem('request.malformed', { cause: error });
  if (fastify.statusCode === 429) return new Problem('rate.limited', { cause: error });
  if (fastify.statusCode && fastify.statusCode >= 400 && fastify.statusCode < 500) {
    return new Problem('request.malformed', { detail: fastify.message, cause: error });
  }
  return new Problem('internal', { cause: error });
}

/** Answers `problem+json`; the cause goes to the log with the request id. */
export function sendProblem(log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = asProblem(error);
  if (problem.status >= 500) log.error({ err: problem.cause ?? problem, requestId: request.id }, 'request failed');
  if (problem.status === 503) reply.header('retry-after', '2');
  return reply.code(problem.status).type('application/problem+json').send(problem.toJSON(request.id));
}
