import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';

/** A backup that cannot be read: one line for the person at the console. */
export class BackupFileError extends Error {
  override name = 'BackupFileError';
}

const formatVersion = 1;

const headerShape = z.object({
  format: z.literal('tradeai-backup'),
  formatVersion: z.number(),
  productVersion: z.string(),
  /** The moment of the snapshot (UTC). */
  createdAt: z.string(),
  /** What made the schema, in the order of its application. */
  migrations: z.array(z.object({ module: z.string(), name: z.string(), sha256: z.string() })),
  /** `schema.table` with the columns of its rows, what is referred to before what refers to it. */
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
});

const trailerShape = z.object({ rows: z.record(z.string(), z.number()), sha256: z.string() });

/** What a backup holds; the first thing in the file. */
export type BackupHeader = z.output<typeof headerShape>;
/** Row counts by table, and the SHA-256 (hex) of everything before; the last thing in the file. */
export type BackupTrailer = z.output<typeof trailerShape>;

/** The file is a gzip stream (RFC 1952) of frames: a letter, the length of what follows (32 bits, big-endian), that. */
type FrameKind = 'header' | 'rows' | 'tableEnd' | 'trailer';
const letters: Record<FrameKind, string> = { header: 'H', rows: 'R', tableEnd: 'E', trailer: 'T' };
const kinds = new Map(Object.entries(letters).map(([kind, letter]) => [letter.charCodeAt(0), kind as FrameKind]));
const headBytes = 5;
/** A frame holds a piece of COPY's output, or the header: far below this. */
const maxFrameBytes = 1 << 28;
/** Half the time of gzip's default for a file that is a few per cent larger. */
const gzipLevel = 4;

function frame(kind: FrameKind, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(letters[kind], 'latin1');
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

/** The rows of one table in COPY's text format, one line a row. */
export type RowsOf = (table: BackupHeader['tables'][number]) => AsyncIterable<Buffer>;

/** In COPY's text format a line feed ends a row and stands nowhere else. */
function linesIn(payload: Buffer): number {
  let lines = 0;
  for (let at = payload.indexOf(10); at >= 0; at = payload.indexOf(10, at + 1)) lines += 1;
  return lines;
}

async function* framesOf(
  header: BackupHeader,
  rowsOf: RowsOf,
  done: (trailer: BackupTrailer) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const hashed = (kind: FrameKind, payload: Buffer) => {
    const bytes = frame(kind, payload);
    hash.update(bytes);
    return bytes;
  };
  yield hashed('header', Buffer.from(JSON.stringify(header)));
  const rows: Record<string, number> = {};
  for (const table of header.tables) {
    let lines = 0;
    for await (const chunk of rowsOf(table)) {
      lines += linesIn(chunk);
      yield hashed('rows', chunk);
    }
    yield hashed('tableEnd', Buffer.alloc(0));
    rows[table.name] = lines;
  }
  const trailer = { rows, sha256: hash.digest('hex') };
  yield frame('trailer', Buffer.from(JSON.stringify(trailer)));
  done(trailer);
}

/** Writes a backup beside `path` and puts it there in one step once it is whole and on the disk; readable by its owner. */
export async function writeBackupFile(
  path: string,
  header: Omit<BackupHeader, 'format' | 'formatVersion'>,
  rowsOf: RowsOf,
): Promise<BackupTrailer> {
  const draft = `${path}.new-${process.pid}`;
  let trailer: BackupTrailer | undefined;
  try {
    const frames = framesOf({ format: 'tradeai-backup', formatVersion, ...header }, rowsOf, (made) => {
      trailer = made;
    });
    // `flush`: on the disk before the rename makes it the backup.
    const target = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(Readable.from(frames), createGzip({ level: gzipLevel }), target);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    const { syscall, message } = error as NodeJS.ErrnoException;
    throw syscall ? new BackupFileError(`The backup cannot be written: ${message}.`, { cause: error }) : error;
  }
  if (!trailer) throw new Error('a backup ended without its trailer');
  return trailer;
}

interface Frame {
  kind: FrameKind;
  payload: Buffer;
}

async function* rawFrames(path: string): AsyncGenerator<Frame & { bytes: Buffer }> {
  const source = createReadStream(path);
  const text = createGunzip();
  // Not pipe: an error of the file must reach the reader.
  source.on('error', (error) => text.destroy(error));
  source.pipe(text);
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      while (rest.length >= headBytes) {
        const kind = kinds.get(rest[0] ?? 0);
        const end = headBytes + rest.readUInt32BE(1);
        if (!kind || end > maxFrameBytes) throw damaged(path);
        if (rest.length < end) break;
        yield { kind, payload: rest.subarray(headBytes, end), bytes: rest.subarray(0, end) };
        rest = rest.subarray(end);
      }
    }
    if (rest.length > 0) throw damaged(path);
  } catch (error) {
    const { code } = error as { code?: string };
    throw code?.startsWith('Z_') ? damaged(path, error) : error;
  } finally {
    source.destroy();
  }
}

function damaged(path: string, cause?: unknown): BackupFileError {
  return new BackupFileError(`The backup ${path} was cut short or altered, or is none: nothing was restored.`, {
    cause,
  });
}

function parsed<T>(shape: z.ZodType<T>, payload: Buffer, path: string): T {
  try {
    return shape.parse(JSON.parse(payload.toString('utf8')));
  } catch (error) {
    throw damaged(path, error);
  }
}

function parsedHeader(payload: Buffer, path: string): BackupHeader {
  const header = parsed(headerShape, payload, path);
  if (header.formatVersion === formatVersion) return header;
  throw new BackupFileError(
    `The backup ${path} has format ${header.formatVersion}; this release reads ${formatVersion}.`,
  );
}

/**
 * Reads a backup from beginning to end and answers what it holds. Throws {@link BackupFileError} where it is cut short,
 * altered, of another format or no backup.
 */
export async function checkBackupFile(path: string): Promise<BackupHeader & BackupTrailer> {
  const hash = createHash('sha256');
  let header: BackupHeader | undefined;
  let trailer: BackupTrailer | undefined;
  const counted: number[] = [];
  let lines = 0;
  for await (const { kind, payload, bytes } of rawFrames(path)) {
    if (trailer || (kind === 'header') === (header !== undefined)) throw damaged(path);
    if (kind === 'header') header = parsedHeader(payload, path);
    if (kind === 'rows') lines += linesIn(payload);
    if (kind === 'tableEnd') {
      counted.push(lines);
      lines = 0;
    }
    if (kind === 'trailer') trailer = parsed(trailerShape, payload, path);
    else hash.update(bytes);
  }
  const { rows, sha256 } = trailer ?? {};
  const whole =
    header?.tables.length === counted.length && header.tables.every(({ name }, i) => rows?.[name] === counted[i]);
  if (!header || !trailer || !whole || sha256 !== hash.digest('hex')) throw damaged(path);
  return { ...header, ...trailer };
}

/** The rows of the tables of a checked backup, one table after another: call `next` once per table of its header. */
export function openBackupRows(path: string): { next(): AsyncGenerator<Buffer>; close(): Promise<void> } {
  const frames = rawFrames(path);
  return {
    async *next() {
      for (;;) {
        const { value, done } = await frames.next();
        if (done) throw damaged(path);
        if (value.kind === 'tableEnd') return;
        if (value.kind === 'rows') yield value.payload;
      }
    },
    close: async () => {
      await frames.return(undefined);
    },
  };
}
