import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#problem';
import { maxPaperBytes, type SentPaper } from './check-paper.ts';

/** Reads one file and the fields beside it from a multipart body. Throws `request.malformed`, `body.too_large`. */
export async function readPaper(request: FastifyRequest): Promise<SentPaper & { fields: Record<string, string> }> {
  let file: SentPaper | undefined;
  const fields: Record<string, string> = {};
  try {
    for await (const part of request.parts({ limits: { fileSize: maxPaperBytes } })) {
      if (part.type === 'file') file = { fileName: part.filename, content: await part.toBuffer() };
      else fields[part.fieldname] = String(part.value);
    }
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code === 'FST_REQ_FILE_TOO_LARGE')
      throw new Problem('body.too_large', { detail: 'A paper has at most 10 MiB.' });
    if (error instanceof Problem || code.startsWith('FST_')) throw error;
    throw new Problem('request.malformed', { detail: 'The multipart body is damaged or cut short.', cause: error });
  }
  if (file) return { ...file, fields };
  throw new Problem('request.malformed', {
    detail: 'file is missing.',
    errors: [{ path: 'file', message: 'is missing' }],
  });
}

/** Headers with which a browser saves what people sent us and never runs it. */
export function asDownload(reply: FastifyReply, mediaType: string, fileName: string): void {
  const plain = fileName.replace(/[^A-Za-z0-9._-]+/g, '_');
  reply.header('content-type', mediaType);
  // RFC 5987 leaves fewer characters as they are than encodeURIComponent.
  const whole = encodeURIComponent(fileName).replace(/['()*!]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  reply.header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${whole}`);
  reply.header('content-security-policy', "sandbox; default-src 'none'");
  reply.header('cache-control', 'private, no-store');
}
