import { createHash } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';

const recordSchema = z.object({
  version: z.string(),
  /** {@link sourcesDigest} of what was tested; records of earlier releases do not say. */
  sources: z.string().default(''),
  ranAt: z.iso.datetime(),
  results: z.array(z.object({ file: z.string(), name: z.string(), passed: z.boolean() })),
});

/** What a run of the tests that controls name found: written by `npm run compliance:tests`, read by the product. */
export type TestRecord = z.output<typeof recordSchema>;

/** A record, and whether it is of other sources than those that run. */
export interface KnownTests extends TestRecord {
  isOutdated: boolean;
}

/** SHA-256 of the names and texts of every file below the folders, in hexadecimal: it tells which state was tested. */
export function sourcesDigest(folders: readonly string[]): string {
  const digest = createHash('sha256');
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).sort(byPath)) {
      if (!entry.isFile()) continue;
      const text = readFileSync(pathOf(entry));
      digest.update(`${relative(folder, pathOf(entry))}\n${text.length}\n`).update(text);
    }
  }
  return digest.digest('hex');
}

const pathOf = ({ parentPath, name }: Dirent) => join(parentPath, name);
const byPath = (a: Dirent, b: Dirent) => (pathOf(a) < pathOf(b) ? -1 : 1);

/**
 * The record in `file`; undefined where the tests were never run here, `isOutdated` where they were run on other sources
 * than those in the folders. Throws where the file is no record.
 */
export function readTestRecord(file: string, folders: readonly string[]): KnownTests | undefined {
  if (!existsSync(file)) return undefined;
  const record = recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { ...record, isOutdated: record.sources !== sourcesDigest(folders) };
}
