import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Tx } from '#db';

/** A value in COPY's text format; dates and numbers need no escapes, texts do. */
export function copyText(value: string | null): string {
  if (value === null) return '\\N';
  return /[\\\t\n\r]/.test(value)
    ? value.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r')
    : value;
}

/** Lines that are joined before they go to the socket. */
const linesPerChunk = 2_000;

function* chunks(lines: readonly string[]): Generator<Buffer> {
  for (let at = 0; at < lines.length; at += linesPerChunk) {
    yield Buffer.from(`${lines.slice(at, at + linesPerChunk).join('\n')}\n`);
  }
}

/** Streams lines in COPY's text format into a temporary table: COPY into a table under row-level security is refused. */
export async function copyLines(tx: Tx, target: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await pipeline(Readable.from(chunks(lines)), tx.client.query(copyFrom(`copy ${target} from stdin`)));
}
