/** How one kind of key slows down. */
export interface ThrottleRule {
  /** Failures that cost nothing. */
  free: number;
  /** The wait after the first failure beyond them; it doubles with each further one. */
  firstWaitMs: number;
  longestWaitMs: number;
  /** A key without failures for so long starts afresh. */
  forgetMs: number;
}

/** What is kept of one key. */
export interface AttemptCount {
  failures: number;
  lastFailedAt: Date | null;
  blockedUntil: Date | null;
}

const forgetMs = 15 * 60_000;
const dayMs = 86_400_000;

/**
 * Brute-force rules. The pair of account and address carries most: guessing from one place stops quickly and costs
 * the owner elsewhere nothing. An address may be an office, so it gets more. An account attacked from everywhere slows
 * down by at most half a minute, and not at all where its owner signed in before.
 */
export const throttleRules = {
  pair: { free: 5, firstWaitMs: 2_000, longestWaitMs: 300_000, forgetMs },
  address: { free: 100, firstWaitMs: 2_000, longestWaitMs: 300_000, forgetMs },
  account: { free: 50, firstWaitMs: 1_000, longestWaitMs: 30_000, forgetMs },
  // Codes have six digits, so that all tries on an account together must stay few: a day has room for some hundred.
  code: { free: 20, firstWaitMs: 10_000, longestWaitMs: 900_000, forgetMs: dayMs },
  // Mails asked for: three at once are enough for anyone.
  mail: { free: 3, firstWaitMs: 60_000, longestWaitMs: 900_000, forgetMs },
} satisfies Record<string, ThrottleRule>;

/** Milliseconds until the next attempt may be made; 0: now. */
export function waitMs(count: AttemptCount | undefined, now: Date): number {
  return Math.max(0, (count?.blockedUntil?.getTime() ?? 0) - now.getTime());
}

/** The count after one more attempt that has not (yet) succeeded. */
export function countFailure(count: AttemptCount | undefined, rule: ThrottleRule, now: Date): AttemptCount {
  const stale = !count?.lastFailedAt || now.getTime() - count.lastFailedAt.getTime() > rule.forgetMs;
  const failures = (stale ? 0 : count.failures) + 1;
  const beyond = failures - rule.free;
  if (beyond < 0) return { failures, lastFailedAt: now, blockedUntil: null };
  // 2 ** 20 is beyond every longest wait and far from overflowing.
  const wait = Math.min(rule.firstWaitMs * 2 ** Math.min(beyond, 20), rule.longestWaitMs);
  return { failures, lastFailedAt: now, blockedUntil: new Date(now.getTime() + wait) };
}
