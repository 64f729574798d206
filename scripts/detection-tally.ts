import { hour, scoredFromMs } from '../demo/security-log/log.ts';
import type { SecurityLog } from '../demo/security-log/simulate-log.ts';

/** Something that one counter says: about whom, when, how much. The larger the more it speaks for an attack. */
export interface Count {
  about: string;
  atMs: number;
  value: number;
}

/** What a threshold brings: attacks found, and alerts raised for them and for nothing. */
export interface Tally {
  found: number;
  alerts: number;
}

/** The best that a threshold on some counts can do, chosen with hindsight. */
export function best(counts: readonly Count[], attacks: SecurityLog['attacks']): Tally {
  const ordered = counts.filter(({ atMs }) => atMs >= scoredFromMs).sort((a, b) => b.value - a.value);
  const found = new Set<unknown>();
  let bestF1 = 0;
  let kept: Tally = { found: 0, alerts: 0 };
  let alerts = 0;
  for (const [n, { about, atMs, value }] of ordered.entries()) {
    const hits = attacks.filter(
      (one) => one.subjects.includes(about) && atMs >= Math.floor(one.fromMs) && atMs <= one.toMs + 2 * hour,
    );
    // Again about the same attack: not held against it.
    if (hits.length === 0) alerts += 1;
    for (const hit of hits) {
      if (!found.has(hit)) alerts += 1;
      found.add(hit);
    }
    if (ordered[n + 1]?.value === value) continue;
    const f1 = (2 * found.size) / (alerts + attacks.length);
    if (f1 > bestF1) {
      bestF1 = f1;
      kept = { found: found.size, alerts };
    }
  }
  return kept;
}
