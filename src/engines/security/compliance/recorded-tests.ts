import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const recordSchema = z.object({
  version: z.string(),
  ranAt: z.iso.datetime(),
  results: z.array(z.object({ file: z.string(), name: z.string(), passed: z.boolean() })),
});

/** What a run of the tests that controls name found: written by `npm run compliance:tests`, read by the product. */
export type TestRecord = z.output<typeof recordSchema>;

/** The record in `file`; undefined where the tests were never run here. Throws where the file is not one. */
export function readTestRecord(file: string): TestRecord | undefined {
  if (!existsSync(file)) return undefined;
  return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
