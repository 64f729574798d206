import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import type { Logger } from '#telemetry';

/** Where signed checkpoints go outside the database, whose superuser could put everything inside back. */
export interface CheckpointPlaces {
  /** A text file of signed notes, appended to. */
  checkpointFile: string;
  /** Sends a note elsewhere; undefined: nowhere. */
  sendCheckpoint?: ((note: string) => Promise<void>) | undefined;
}

let file: string | undefined;

/** Tells the process where its checkpoints are kept outside the database. */
export function setCheckpointFile(path: string): void {
  file = path;
}

/** Where the process keeps its checkpoints; undefined where it was not told. */
export const checkpointFile = (): string | undefined => file;

/** Appends notes to the file, on disk when it answers, and sends them; a receiver that cannot be reached gets the next one. */
export async function keepOutside(places: CheckpointPlaces & { log: Logger }, notes: readonly string[]): Promise<void> {
  if (notes.length === 0) return;
  const target = await open(places.checkpointFile, 'a', 0o600);
  try {
    await target.appendFile(notes.join(''));
    await target.datasync();
  } finally {
    await target.close();
  }
  const { sendCheckpoint, log } = places;
  // Not waited for: a slow receiver must not hold up the sealing.
  for (const note of notes) {
    sendCheckpoint?.(note).catch((error) => log.warn({ err: error }, 'audit: a checkpoint could not be sent'));
  }
}

const firstLine = 'tradeai/audit/';

/** A note of a checkpoint file, the tenant it names, and the byte of the file behind it. */
interface KeptNote {
  tenantId: string;
  note: string;
  end: number;
}

/** The notes of a checkpoint file in their order from a byte on; ENOENT where there is no file. */
export async function* readAllNotes(path: string, start = 0): AsyncGenerator<KeptNote> {
  let lines: string[] = [];
  let end = start;
  const input = createReadStream(path, { start });
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    end += Buffer.byteLength(line) + 1;
    if (line.startsWith('tradeai/')) lines = [];
    lines.push(line);
    const [first = ''] = lines;
    if (line.startsWith('— ') && first.startsWith(firstLine)) {
      yield { tenantId: first.slice(firstLine.length), note: `${lines.join('\n')}\n`, end };
    }
  }
}

/** The notes of a checkpoint file about one tenant, in their order; ENOENT where there is no file. */
export async function* readNotes(path: string, tenantId: string): AsyncGenerator<string> {
  for await (const one of readAllNotes(path)) if (one.tenantId === tenantId) yield one.note;
}
