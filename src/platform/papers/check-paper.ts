import { createHash } from 'node:crypto';
import { Problem } from '#problem';
import { sniffMediaType } from './media-type.ts';

/** Largest paper. */
export const maxPaperBytes = 10 << 20;

/** A paper as people sent it. */
export interface SentPaper {
  fileName: string;
  content: Buffer;
}

/** A paper that may be kept. */
export interface CheckedPaper extends SentPaper {
  /** By what it holds, whatever it is called. */
  mediaType: string;
  bytes: number;
  /** Of the content, lower-case hexadecimal. */
  sha256: string;
}

/** A file name without folders, control or invisible characters. */
function plainName(fileName: string): string {
  const last = fileName.split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, 200);
  return plain === '' || plain === '.' || plain === '..' ? 'paper' : plain;
}

/** Throws `media_type.unsupported` for what is no PDF, image or CSV by its content, `body.too_large`. */
export function checkPaper({ fileName, content }: SentPaper): CheckedPaper {
  if (content.length > maxPaperBytes) throw new Problem('body.too_large', { detail: 'A paper has at most 10 MiB.' });
  const mediaType = sniffMediaType(content);
  if (!mediaType) {
    throw new Problem('media_type.unsupported', { detail: 'A paper is a PDF, a PNG or JPEG image, or a CSV file.' });
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { fileName: plainName(fileName), content, mediaType, bytes: content.length, sha256 };
}
