import { randomBytes } from 'node:crypto';
import { keyBytes } from './envelope.ts';
import type { SubjectKey } from './key-provider.ts';

/** The key that comes after the newest of a subject's keys; none where that was made later, or where there is none. */
export function nextKey(keys: readonly SubjectKey[], madeBefore: Date, at: Date): SubjectKey | undefined {
  const newest = keys.at(-1);
  if (!newest || new Date(newest.madeAt ?? 0) >= madeBefore) return undefined;
  return { version: newest.version + 1, key: randomBytes(keyBytes), madeAt: at.toISOString() };
}
