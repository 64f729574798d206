import { type ProblemCode, problemCodes } from './codes.ts';

/** One field that a request got wrong: `path` in JSON-pointer-like dots, `message` for people. */
export interface FieldError {
  path: string;
  message: string;
}

/** What a {@link Problem} may carry beside its code. `extra` becomes public members of the answer. */
export interface ProblemOptions {
  detail?: string;
  errors?: FieldError[];
  extra?: Record<string, unknown>;
  cause?: unknown;
}

/** The one error class that answers a request: RFC 9457 problem details, chosen from the table of codes. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldError[] | undefined;
  readonly extra: Record<string, unknown>;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const { status, title } = problemCodes[code];
    super(options.detail ?? title, { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = status;
    this.title = title;
    this.detail = options.detail ?? title;
    this.errors = options.errors;
    this.extra = options.extra ?? {};
  }

  /** The `application/problem+json` body (RFC 9457). */
  toJSON(requestId: string): Record<string, unknown> {
    return {
      type: `urn:tradeai:problem:${this.code}`,
      title: this.title,
      status: this.status,
      code: this.code,
      detail: this.detail,
      requestId,
      ...(this.errors ? { errors: this.errors } : {}),
      ...this.extra,
    };
  }
}

/** Throws `not_found`: also for another tenant's things, which must look the same as absent ones. */
export function notFound(what: string, id: string): never {
  throw new Problem('not_found', { detail: `There is no ${what} ${id}.` });
}
