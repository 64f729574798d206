import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Problem } from '#problem';

/** A file that can be read from its beginning as often as needed. */
export interface FileSource {
  open(): Readable;
}

/** A file on this machine's disk. */
export function fileOnDisk(path: string): FileSource {
  return { open: () => createReadStream(path, { highWaterMark: 1 << 18 }) };
}

/** A file in memory. */
export function fileInMemory(bytes: Uint8Array): FileSource {
  return { open: () => Readable.from([Buffer.from(bytes)]) };
}

/** Longest text of a file after decompression: a guard against gzip bombs, far above a decade of weekly facts. */
export const maxTextBytes = 16 * 1024 ** 3;

/** What a first reading of a file found. */
export interface FileFacts {
  format: 'csv' | 'xlsx';
  gzipped: boolean;
  /** As stored or sent. */
  bytes: number;
  sha256: string;
  /** After decompression. */
  textBytes: number;
  /** CSV only: the character between cells. */
  delimiter: string;
}

/** Throws `import.refused` with a message for people. */
export function refuseFile(detail: string, cause?: unknown): never {
  throw new Problem('import.refused', { detail, cause });
}

async function firstBytes(source: FileSource, count: number): Promise<Buffer> {
  const stream = source.open();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= count) break;
  }
  stream.destroy();
  return Buffer.concat(chunks).subarray(0, count);
}

/** The file's content, decompressed where it is gzip (RFC 1952), whatever its name says. */
export function openContent(source: FileSource, gzipped: boolean): Readable {
  const raw = source.open();
  if (!gzipped) return raw;
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  raw.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => raw.destroy());
  return raw.pipe(gunzip);
}

function translateReadError(error: unknown): never {
  if (error instanceof Problem) throw error;
  const { code } = error as { code?: string };
  if (code === 'Z_BUF_ERROR') return refuseFile('The gzip file is cut short: it ends before its end mark.', error);
  if (code?.startsWith('Z_')) return refuseFile('The gzip file is damaged: its content does not unpack.', error);
  if (code === 'ENOENT') return refuseFile('There is no such file.', error);
  if (code === 'EISDIR') return refuseFile('This is a folder, not a file.', error);
  if (code === 'EACCES') return refuseFile('The file may not be read.', error);
  throw error;
}

/** Refuses what is not UTF-8, telling the encodings that spreadsheets like to write. */
class Utf8Guard {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #seen = 0;

  add(chunk: Buffer): void {
    if (this.#seen === 0 && chunk.length >= 2) {
      const mark = chunk.readUInt16BE(0);
      if (mark === 0xfffe || mark === 0xfeff) refuseFile('The file is UTF-16. Save it as UTF-8 and send it again.');
    }
    try {
      this.#decoder.decode(chunk, { stream: true });
    } catch (error) {
      const message = `The file is not UTF-8 (after byte ${this.#seen} of its text): it may be Latin-1 or Windows-1252. Save it as UTF-8 and send it again.`;
      refuseFile(message, error);
    }
    this.#seen += chunk.length;
  }

  end(): void {
    try {
      this.#decoder.decode();
    } catch (error) {
      refuseFile('The file ends within a UTF-8 character: it is cut short or not UTF-8.', error);
    }
  }
}

/** What people send by mistake under a name that ends in .csv, by its first bytes. */
const noTables: readonly [bytes: string, what: string][] = [
  ['%PDF', 'a PDF'],
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['\xd0\xcf\x11\xe0', 'a spreadsheet in the format of before 2007'],
  ['{\\rt', 'a text document'],
];

/** Throws `import.refused` for what is no table, whatever its name says. */
function requireTable(head: Buffer): void {
  const start = head.subarray(0, 4).toString('latin1');
  const what = noTables.find(([bytes]) => start.startsWith(bytes))?.[1];
  if (what) refuseFile(`The file is ${what}, whatever its name says: send the table as CSV or XLSX.`);
}

const delimiters = [',', ';', '\t', '|'];

/** The delimiter that occurs most often in the header line, outside quotes. */
function findDelimiter(head: string): string {
  const line = /^[^\r\n]*/.exec(head.replace(/"[^"]*"/g, ''))?.[0] ?? '';
  const count = (delimiter: string) => line.split(delimiter).length - 1;
  return delimiters.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/**
 * Reads the whole file once, before anything of it is stored: a truncated gzip, a wrong encoding or an empty file is
 * refused with nothing applied. Throws `import.refused`.
 */
export async function inspectFile(source: FileSource): Promise<FileFacts> {
  try {
    const magic = await firstBytes(source, 4);
    if (magic.length === 0) refuseFile('The file is empty.');
    const gzipped = magic[0] === 0x1f && magic[1] === 0x8b;
    const head = gzipped
      ? await firstBytes({ open: () => openContent(source, true) }, 1 << 16)
      : await firstBytes(source, 1 << 16);
    requireTable(head);
    const format = head.length >= 4 && head.readUInt32BE(0) === 0x504b0304 ? 'xlsx' : 'csv';
    const facts = await readThrough(source, gzipped, format === 'csv' ? new Utf8Guard() : undefined);
    return { format, gzipped, delimiter: findDelimiter(head.toString('utf8')), ...facts };
  } catch (error) {
    return translateReadError(error);
  }
}

async function readThrough(
  source: FileSource,
  gzipped: boolean,
  guard: Utf8Guard | undefined,
): Promise<{ bytes: number; sha256: string; textBytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  let textBytes = 0;
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const consume = async (content: AsyncIterable<Buffer>) => {
    for await (const chunk of content) {
      textBytes += chunk.length;
      if (textBytes > maxTextBytes) refuseFile(`The file unpacks to more than ${maxTextBytes} bytes.`);
      guard?.add(chunk);
    }
    guard?.end();
  };
  if (gzipped) await pipeline(source.open(), counted, createGunzip({ chunkSize: 1 << 18 }), consume);
  else await pipeline(source.open(), counted, consume);
  if (textBytes === 0) refuseFile('The file is empty.');
  return { bytes, sha256: hash.digest('hex'), textBytes };
}
