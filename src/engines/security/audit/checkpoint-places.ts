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

/** The notes of a checkpoint file about one tenant, in their order; ENOENT where there is no file. */
export async function* readNotes(path: string, tenantId: string): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.startsWith('tradeai/')) lines = [];
    lines.push(line);
    if (line.startsWith('— ') && lines[0] === `tradeai/audit/${tenantId}`) yield `${lines.join('\n')}\n`;
  }
}
