import { isIPv6 } from 'node:net';
import type { Clock } from '#clock';
import { type Database, sql, type Tx } from '#db';
import { deriveKey, macOf } from '../keys/derive-key.ts';
import { type AttemptCount, countFailure, type ThrottleRule, throttleRules, waitMs } from './throttle.ts';

/** Who tries: an account's e-mail and the network address of the caller. */
export interface Attempt {
  email: string;
  address: string;
}

/** Who tries a code. */
export interface CodeAttempt {
  personId: string;
  address: string;
}

/** What came of asking for an attempt. */
export type Admission = { admitted: true } | { admitted: false; retryAfterS: number };

/** Brute-force throttling that survives restarts and holds for every process at once. */
export interface Throttle {
  /** Counts the attempt as failed before it is made, so that many at once cannot slip through. */
  admitSignIn(attempt: Attempt): Promise<Admission>;
  /** Takes back what {@link Throttle.admitSignIn} counted and remembers that the owner signs in from this address. */
  succeeded(attempt: Attempt): Promise<void>;
  /** As {@link Throttle.admitSignIn} for one-time and recovery codes; the account is named by the person's id. */
  admitCode(attempt: CodeAttempt): Promise<Admission>;
  /** Takes back what {@link Throttle.admitCode} counted. */
  codeSucceeded(attempt: CodeAttempt): Promise<void>;
  /** Whether an address may present API keys; counts nothing. */
  admitKey(address: string): Promise<Admission>;
  /** Counts an API key that opened nothing. */
  keyRefused(address: string): Promise<void>;
  /** Counts a mail asked for. */
  admitMail(attempt: Attempt): Promise<Admission>;
}

/** An address from which the owner signed in within so many days is not held up by attacks from elsewhere. */
const familiarDays = 30;

interface Line {
  key: Buffer;
  rule: ThrottleRule;
}

interface StoredCount extends AttemptCount {
  key: Buffer;
  familiar: boolean;
}

/** IPv4 mapped into IPv6 is one address with IPv4; of IPv6 the first 64 bits count, which one household has whole. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':');
    while (groups.length + rest.length < 8) groups.push('0');
    groups.push(...rest);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** The throttle of a database. */
export function makeThrottle(db: Database, clock: Clock, secretKey: string): Throttle {
  const key = deriveKey(secretKey, 'sign-in-throttle');
  const line = (rule: keyof typeof throttleRules, name: string): Line => ({
    key: macOf(key, `${rule}:${name}`),
    rule: throttleRules[rule],
  });
  const linesOf = ({ email, address }: Attempt) => ({
    pair: line('pair', `${networkOf(address)} ${email}`),
    address: line('address', networkOf(address)),
    account: line('account', email),
  });
  const codeLinesOf = ({ personId, address }: CodeAttempt) => ({
    pair: line('pair', `code ${networkOf(address)} ${personId}`),
    address: line('address', networkOf(address)),
    account: line('code', personId),
  });
  const keyLine = (address: string) => line('address', `key ${networkOf(address)}`);
  const admit = (lines: Line[], familiarKey?: Buffer, skippable?: Buffer) =>
    db.system(async (tx): Promise<Admission> => {
      const now = clock.now();
      const counts = await lockCounts(tx, lines, now);
      const familiar = familiarKey ? counts.get(familiarKey.toString('hex'))?.familiar === true : false;
      const waits = lines
        .filter(({ key: own }) => !(familiar && own === skippable))
        .map(({ key: own }) => waitMs(counts.get(own.toString('hex')), now));
      const longest = Math.max(...waits);
      if (longest > 0) return { admitted: false, retryAfterS: Math.ceil(longest / 1_000) };
      for (const { key: own, rule } of lines) {
        const next = countFailure(counts.get(own.toString('hex')), rule, now);
        await tx.run(sql`update identity.login_attempt set failures = ${next.failures},
          last_failed_at = ${next.lastFailedAt}, blocked_until = ${next.blockedUntil} where key = ${own}`);
      }
      return { admitted: true };
    });
  const takeBack = ({ pair, address, account }: Record<'pair' | 'address' | 'account', Line>) =>
    db.system(async (tx) => {
      const now = clock.now();
      await lockCounts(tx, [pair, address, account], now);
      await tx.run(sql`update identity.login_attempt set failures = 0, blocked_until = null,
        last_succeeded_at = ${now} where key = ${pair.key}`);
      await tx.run(sql`update identity.login_attempt set failures = greatest(failures - 1, 0), blocked_until = null
        where key in (${address.key}, ${account.key})`);
    });
  return {
    admitSignIn: (attempt) => {
      const { pair, address, account } = linesOf(attempt);
      return admit([pair, address, account], pair.key, account.key);
    },
    admitMail: ({ email, address }) => admit([line('mail', `account ${email}`), line('address', networkOf(address))]),
    succeeded: (attempt) => takeBack(linesOf(attempt)),
    admitCode: (attempt) => {
      const { pair, address, account } = codeLinesOf(attempt);
      return admit([pair, address, account], pair.key, account.key);
    },
    codeSucceeded: (attempt) => takeBack(codeLinesOf(attempt)),
    admitKey: (address) =>
      db.system(async (tx): Promise<Admission> => {
        const known = await tx.maybe<{ blockedUntil: Date | null }>(sql`select blocked_until as "blockedUntil"
          from identity.login_attempt where key = ${keyLine(address).key}`);
        const left = (known?.blockedUntil?.getTime() ?? 0) - clock.now().getTime();
        return left > 0 ? { admitted: false, retryAfterS: Math.ceil(left / 1_000) } : { admitted: true };
      }),
    keyRefused: async (address) => {
      await admit([keyLine(address)]);
    },
  };
}

/** Reads and locks the counts in one order for everyone: two attempts never wait for each other in a ring. */
async function lockCounts(tx: Tx, lines: readonly Line[], now: Date): Promise<Map<string, StoredCount>> {
  const keys = lines.map(({ key }) => key).sort(Buffer.compare);
  const familiarSince = new Date(now.getTime() - familiarDays * 86_400_000);
  const found = new Map<string, StoredCount>();
  for (const key of keys) {
    await tx.run(sql`insert into identity.login_attempt (key, failures, last_failed_at) values (${key}, 0, ${now})
      on conflict do nothing`);
    const row = await tx.one<StoredCount>(sql`select key, failures, last_failed_at as "lastFailedAt",
      blocked_until as "blockedUntil", coalesce(last_succeeded_at > ${familiarSince}, false) as familiar
      from identity.login_attempt where key = ${key} for update`);
    found.set(key.toString('hex'), row);
  }
  return found;
}
