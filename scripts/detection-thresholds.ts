import { day, hour, type LogLine, scoredFromMs } from '../demo/security-log/log.ts';
import type { SecurityLog } from '../demo/security-log/simulate-log.ts';
import { best, type Count, type Tally } from './detection-tally.ts';

type Counter = (lines: readonly LogLine[]) => Count[];

const text = (line: LogLine, name: string) => String(line.detail[name] ?? '');

/** The largest count of lines of one key within a window, once per burst. */
function bursts(
  lines: readonly LogLine[],
  keyOf: (line: LogLine) => string | null,
  windowMs: number,
  measure: (some: LogLine[]) => number,
): Count[] {
  const byKey = new Map<string, LogLine[]>();
  for (const line of lines) {
    const key = keyOf(line);
    if (key) byKey.set(key, [...(byKey.get(key) ?? []), line]);
  }
  const counts: Count[] = [];
  for (const [about, own] of byKey) {
    let from = 0;
    while (from < own.length) {
      const start = own[from]?.atMs ?? 0;
      const end = own.findIndex(({ atMs }) => atMs > start + windowMs);
      const some = own.slice(from, end < 0 ? own.length : end);
      counts.push({ about, atMs: some.at(-1)?.atMs ?? start, value: measure(some) });
      from += some.length;
    }
  }
  return counts;
}

const distinct = (some: LogLine[], of: (line: LogLine) => string) => new Set(some.map(of)).size;
const byPerson = ({ personId }: LogLine) => personId && `person:${personId}`;
const rows = (some: LogLine[]) => some.reduce((sum, one) => sum + Number(one.detail.rows ?? 0), 0);

/** Pairs of an earlier and a later line of one key: the sooner, the larger. */
function sooner(
  lines: readonly LogLine[],
  first: (line: LogLine) => string | null,
  then: (line: LogLine) => string | null,
  withinMs: number,
): Count[] {
  const last = new Map<string, number>();
  const counts: Count[] = [];
  for (const line of lines) {
    const key = then(line);
    const at = key === null ? undefined : last.get(key);
    if (key !== null && at !== undefined && line.atMs - at < withinMs) {
      counts.push({ about: `person:${line.personId}`, atMs: line.atMs, value: -(line.atMs - at) });
      last.delete(key);
    }
    const begins = first(line);
    if (begins !== null) last.set(begins, line.atMs);
  }
  return counts;
}

/** Sign-ins by what was never seen with the person, and how many telling acts followed within a day. */
const newPlaces: Counter = (lines) => {
  const seen = new Set<string>();
  const open = new Map<string, Count>();
  const counts: Count[] = [];
  for (const line of lines) {
    if (line.personId === null) continue;
    if (line.kind === 'sign_in.succeeded') {
      const keys = [`${line.personId} ${line.network}`, `${line.personId} ${line.device}`];
      if (keys.every((key) => !seen.has(key))) {
        const count = { about: `person:${line.personId}`, atMs: line.atMs, value: 1 };
        open.set(line.personId, count);
        counts.push(count);
      }
      for (const key of keys) seen.add(key);
    }
    const count = open.get(line.personId);
    if (count && line.atMs - count.atMs < day && /^(data|act|factor|email)/.test(line.kind)) count.value += 1;
  }
  return counts;
};

const silence: Counter = (lines) => {
  const last = new Map<string, number>();
  const counts: Count[] = [];
  for (const line of lines) {
    if (line.kind !== 'sign_in.succeeded' || line.personId === null) continue;
    const before = last.get(line.personId);
    if (before !== undefined)
      counts.push({ about: `person:${line.personId}`, atMs: line.atMs, value: line.atMs - before });
    last.set(line.personId, line.atMs);
  }
  return counts.filter(({ value }) => value > 7 * day);
};

/** Hours away from the middle of the person's working day so far, by the plain mean of their acts. */
const hoursAway: Counter = (lines) => {
  const mean = new Map<string, { x: number; y: number }>();
  const counts: Count[] = [];
  for (const line of lines) {
    if (line.personId === null) continue;
    const angle = ((line.atMs % day) / day) * 2 * Math.PI;
    const sum = mean.get(line.personId) ?? { x: 0, y: 0 };
    if (line.kind === 'act.settled') {
      const away = Math.abs(
        Math.atan2(Math.sin(angle - Math.atan2(sum.y, sum.x)), Math.cos(angle - Math.atan2(sum.y, sum.x))),
      );
      counts.push({ about: `person:${line.personId}`, atMs: line.atMs, value: away });
    }
    mean.set(line.personId, { x: sum.x + Math.cos(angle), y: sum.y + Math.sin(angle) });
  }
  return counts;
};

const mutual: Counter = (lines) => {
  const makers = new Map<string, string>();
  const counts = new Map<string, [number, number, number]>();
  for (const line of lines) {
    if (line.kind === 'act.made') makers.set(line.subjectId ?? '', line.personId ?? '');
    const maker = makers.get(line.subjectId ?? '');
    if (line.kind !== 'act.approved' || line.atMs < scoredFromMs || !maker || !line.personId) continue;
    const pair = [maker, line.personId].sort();
    const count = counts.get(pair.join(' ')) ?? [0, 0, 0];
    count[pair[0] === maker ? 0 : 1] += 1;
    count[2] = line.atMs;
    counts.set(pair.join(' '), count);
  }
  return [...counts].map(([pair, [there, back, atMs]]) => ({
    about: `person:${pair.split(' ')[0]}`,
    atMs,
    value: Math.min(there, back),
  }));
};

const only = (kinds: readonly string[], outcome?: string) => (line: LogLine) =>
  kinds.includes(line.kind) && (!outcome || line.outcome === outcome);
const failed = only(['sign_in.password', 'sign_in.throttled'], 'refused');

const isExport = only(['data.exported']);
const isRefusal = only(['access.refused']);
const byCustomer = (line: LogLine) => `${line.personId} ${text(line, 'counterpartId')}`;
const ofKey = ({ subjectId }: LogLine) => subjectId && `key:${subjectId}`;
const ofPerson = (counts: Count[]) =>
  counts.map((count) => ({ ...count, about: `person:${count.about.split(' ')[0]}` }));
const amounts = (some: LogLine[]) => some.reduce((sum, one) => sum + Number(one.detail.amount ?? 0), 0);

/** The most telling counts that one could put a threshold on, for each kind of attack. */
const counters: Record<string, readonly Counter[]> = {
  'brute-force': [
    (lines) => bursts(lines.filter(failed), byPerson, 36 * hour, (some) => some.length),
    (lines) => bursts(lines.filter(failed), byPerson, hour, (some) => some.length),
    (lines) =>
      bursts(lines.filter(failed), byPerson, 36 * hour, (some) => distinct(some, ({ network }) => network ?? '')),
  ],
  'password-spraying': [
    (lines) =>
      bursts(
        lines.filter(failed),
        ({ network }) => `network:${network}`,
        day,
        (some) => distinct(some, (one) => one.personId ?? one.account ?? ''),
      ),
    (lines) =>
      bursts(
        lines.filter(({ account }) => account !== null),
        ({ network }) => `network:${network}`,
        day,
        (some) => distinct(some, ({ account }) => account ?? ''),
      ),
  ],
  takeover: [newPlaces],
  'token-replay': [
    (lines) =>
      bursts(lines.filter(only(['token.reused', 'session.moved'])), byPerson, 12 * hour, (some) => some.length),
    (lines) => bursts(lines.filter(only(['token.reused'])), byPerson, 12 * hour, (some) => some.length),
  ],
  'dormant-account': [silence],
  'right-by-proxy': [
    (lines) =>
      sooner(
        lines,
        (line) => (line.kind === 'right.granted' || line.kind === 'limit.raised' ? (line.subjectId ?? '') : null),
        (line) => (line.kind === 'act.approved' || line.kind === 'act.settled' ? (line.personId ?? '') : null),
        5 * day,
      ),
    (lines) =>
      sooner(
        lines,
        (line) => (line.kind === 'right.granted' ? (line.subjectId ?? '') : null),
        (line) => (line.kind === 'right.revoked' ? (line.subjectId ?? '') : null),
        5 * day,
      ),
  ],
  'mass-export': [
    (lines) => bursts(lines.filter(isExport), byPerson, day, rows),
    (lines) => bursts(lines.filter(isExport), byPerson, day, (some) => some.length),
    (lines) => bursts(lines.filter(isExport), byPerson, day, (some) => distinct(some, (one) => text(one, 'what'))),
  ],
  'off-hours-settlement': [
    hoursAway,
    (lines) => ofPerson(bursts(lines.filter(only(['act.settled'])), byCustomer, 4 * hour, (some) => some.length)),
    (lines) => ofPerson(bursts(lines.filter(only(['act.settled'])), byCustomer, 4 * hour, amounts)),
  ],
  'approval-ring': [mutual],
  'threshold-splitting': [
    (lines) =>
      bursts(
        lines.filter((line) => line.kind === 'act.made' && Number(line.detail.ofLimit) >= 0.83),
        byPerson,
        60 * hour,
        (some) => some.length,
      ),
    (lines) => ofPerson(bursts(lines.filter(only(['act.made'])), byCustomer, 60 * hour, (some) => some.length)),
  ],
  'factor-removed': [
    (lines) =>
      sooner(
        lines,
        (line) => (line.kind === 'factor.removed' ? (line.subjectId ?? '') : null),
        (line) => (/^(act|data)\./.test(line.kind) ? (line.personId ?? '') : null),
        2 * day,
      ),
  ],
  'key-theft': [
    (lines) => bursts(lines.filter(isRefusal), ofKey, day, (some) => some.length),
    (lines) => bursts(lines.filter(isRefusal), ofKey, day, (some) => distinct(some, (one) => text(one, 'permission'))),
    (lines) =>
      bursts(lines.filter(only(['key.used'])), ofKey, day, (some) => distinct(some, ({ network }) => network ?? '')),
  ],
  probing: [3 * hour, day].map(
    (windowMs) => (lines) =>
      bursts(lines.filter(isRefusal), byPerson, windowMs, (some) => distinct(some, (one) => text(one, 'permission'))),
  ),
  'rerouted-money': [
    (lines) =>
      sooner(
        lines,
        (line) => (line.kind === 'act.rerouted' ? text(line, 'counterpartId') : null),
        (line) => (line.kind === 'act.settled' ? text(line, 'counterpartId') : null),
        3 * day,
      ),
  ],
};

const f1Of = ({ found, alerts }: Tally, attacks: number) => (2 * found) / (alerts + attacks);

/**
 * One threshold per kind of attack on the count that serves it best; both are chosen with hindsight on the very log that they
 * are scored on. `byKind`: F1 of each.
 */
export function bestSingleThreshold(log: SecurityLog): {
  f1: number;
  precision: number;
  recall: number;
  byKind: Map<string, number>;
} {
  let [found, alerts] = [0, 0];
  const byKind = new Map<string, number>();
  for (const [kind, some] of Object.entries(counters)) {
    const attacks = log.attacks.filter((attack) => attack.kind === kind);
    const tallies = some.map((counter) => best(counter(log.lines), attacks));
    const [tally = { found: 0, alerts: 0 }] = tallies.sort((a, b) => f1Of(b, attacks.length) - f1Of(a, attacks.length));
    byKind.set(kind, f1Of(tally, attacks.length));
    found += tally.found;
    alerts += tally.alerts;
  }
  const precision = found / Math.max(alerts, 1);
  const recall = found / log.attacks.length;
  return { f1: f1Of({ found, alerts }, log.attacks.length), precision, recall, byKind };
}
