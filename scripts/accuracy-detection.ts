import { type Detection, Detector, incidentOf, type OpenIncident, rules, type WatchedEvent } from '#security';
import { day, hour, scoredFromMs } from '../demo/security-log/log.ts';
import { type SecurityLog, simulateLog } from '../demo/security-log/simulate-log.ts';
import type { AccuracyReport } from './accuracy-frat.ts';
import { bestSingleThreshold } from './detection-thresholds.ts';

/**
 * The logs' author had not read the rules and froze the logs before the rules were first tried on them. The rules were improved
 * on seeds 1-9, scored once on 7001-7005 (precision 0.893, recall 0.901), improved on 11-16, scored once on 7101-7105 (0.915,
 * 0.891), improved on 21-40, and scored once on these.
 */
const UNSEEN_SEEDS = [7201, 7202, 7203, 7204, 7205] as const;
const AT_LEAST = 0.9;
/** A seed alone, with 200 attacks, is within some hundredths by chance. */
const EACH_AT_LEAST = 0.85;
const SINGLE_BELOW = 0.7;
/** An alert this long after the last line of an attack still found it. */
const LATE_MS = 2 * hour;

interface Raised extends OpenIncident {
  rules: Set<string>;
  found: Detection;
}

/** Feeds a log to the detector as a house would, and answers the incidents of the days that count. */
export function raise(log: SecurityLog): Raised[] {
  const detector = new Detector(rules);
  detector.memory.peerGroup = (id) => log.roles.get(id) ?? '';
  let open: Raised[] = [];
  const all: Raised[] = [];
  for (const line of log.lines) {
    const found = detector.see(line as WatchedEvent);
    if (found.length === 0) continue;
    open = open.filter(({ lastMs }) => line.atMs - lastMs < 60 * day);
    for (const detection of found) {
      const known = incidentOf(open, detection);
      if (known) {
        known.about = [...new Set([...known.about, ...detection.about])];
        known.lastMs = line.atMs;
        known.rules.add(detection.rule.id);
        continue;
      }
      const made = {
        id: line.id,
        ruleId: detection.rule.id,
        first: detection.about[0] ?? '',
        about: detection.about,
        lastMs: line.atMs,
        rules: new Set([detection.rule.id]),
        found: detection,
      };
      open.push(made);
      all.push(made);
    }
  }
  return all.filter(({ found }) => found.event.atMs >= scoredFromMs);
}

/** A pair names two people. */
const membersOf = (about: string): string[] =>
  about.startsWith('pair:')
    ? about
        .slice('pair:'.length)
        .split('+')
        .map((id) => `person:${id}`)
    : [about];

/** What came of one log. */
export interface Score {
  attacks: number;
  found: number;
  alerts: number;
  /** Alerts about no attack. */
  false: Raised[];
  /** Second alerts about an attack; they count as false. */
  repeated: Raised[];
  byKind: Map<string, { injected: number; found: number }>;
  missed: SecurityLog['attacks'];
}

/** Compares what was raised with what was injected: one alert answers one attack. */
export function score(log: SecurityLog): Score {
  const raised = raise(log);
  const found = new Set<SecurityLog['attacks'][number]>();
  const wrong: Raised[] = [];
  const repeated: Raised[] = [];
  for (const alert of raised) {
    const atMs = alert.found.event.atMs;
    const named = alert.about.flatMap(membersOf);
    const answers = log.attacks.filter(
      (attack) =>
        atMs >= Math.floor(attack.fromMs) &&
        atMs <= attack.toMs + LATE_MS &&
        attack.subjects.some((one) => named.includes(one)),
    );
    // A victim of one attack may be among the hundred targets of another: the narrower one is meant.
    answers.sort((a, b) => a.subjects.length - b.subjects.length);
    const fresh = answers.find((attack) => !found.has(attack));
    if (fresh) found.add(fresh);
    else if (answers.length > 0) repeated.push(alert);
    else wrong.push(alert);
  }
  const byKind = new Map<string, { injected: number; found: number }>();
  for (const attack of log.attacks) {
    const kind = byKind.get(attack.kind) ?? { injected: 0, found: 0 };
    byKind.set(attack.kind, { injected: kind.injected + 1, found: kind.found + (found.has(attack) ? 1 : 0) });
  }
  const missed = log.attacks.filter((attack) => !found.has(attack));
  return {
    attacks: log.attacks.length,
    found: found.size,
    alerts: raised.length,
    false: wrong,
    repeated,
    byKind,
    missed,
  };
}

const three = (value: number) => value.toFixed(3);

/** What came of several logs together. */
class Totals {
  attacks = 0;
  found = 0;
  alerts = 0;
  readonly kinds = new Map<string, { injected: number; found: number; single: number[] }>();
  readonly falseBy = new Map<string, number>();
  singleWorst = 0;
  #lowest = 1;

  add(result: Score, single: ReturnType<typeof bestSingleThreshold>): void {
    this.attacks += result.attacks;
    this.found += result.found;
    this.alerts += result.alerts;
    this.#lowest = Math.min(this.#lowest, result.found / result.alerts, result.found / result.attacks);
    this.singleWorst = Math.max(this.singleWorst, single.f1);
    for (const [kind, { injected, found }] of result.byKind) {
      const sum = this.kinds.get(kind) ?? { injected: 0, found: 0, single: [] };
      sum.single.push(single.byKind.get(kind) ?? 0);
      this.kinds.set(kind, { injected: sum.injected + injected, found: sum.found + found, single: sum.single });
    }
    for (const { ruleId } of [...result.false, ...result.repeated])
      this.falseBy.set(ruleId, (this.falseBy.get(ruleId) ?? 0) + 1);
  }

  /** Whether the logs meet what is asked: together, and none of them far below. */
  get ok(): boolean {
    const singles = [...this.kinds.values()].map(({ single }) => meanOf(single));
    const hard = this.singleWorst < SINGLE_BELOW && Math.max(...singles) < SINGLE_BELOW;
    const together = Math.min(this.found / this.alerts, this.found / this.attacks);
    return together >= AT_LEAST && this.#lowest >= EACH_AT_LEAST && hard;
  }

  lines(): string[] {
    const kinds = [...this.kinds].map(
      ([kind, { injected, found, single }]) => `${kind} ${found}/${injected} (${meanOf(single).toFixed(2)})`,
    );
    const wrong = [...this.falseBy].sort((a, b) => b[1] - a[1]).map(([rule, n]) => `${rule} ${n}`);
    return [
      `  together: precision ${three(this.found / this.alerts)}, recall ${three(this.found / this.attacks)}`,
      `  found by kind (in brackets: mean F1 of its best single threshold): ${kinds.join(', ')}`,
      `  false or repeated by rule: ${wrong.join(', ')}`,
    ];
  }
}

const meanOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / Math.max(values.length, 1);

function lineOf(seed: number, log: SecurityLog, result: Score, single: ReturnType<typeof bestSingleThreshold>): string {
  const lookAlikes = [...log.lookAlikes.values()].reduce((a, b) => a + b, 0);
  const { found, alerts, attacks, repeated } = result;
  return `  seed ${seed}: ${log.lines.length} events, ${attacks} attacks, ${lookAlikes} look-alikes; precision ${three(found / alerts)}, recall ${three(found / attacks)} (${alerts} alerts, ${result.false.length} false, ${repeated.length} repeated); one threshold per attack, chosen with hindsight: F1 ${three(single.f1)}`;
}

/** Scores detection on generated logs of seeds that nobody had looked at while the rules were made. */
export async function runDetectionAccuracy(): Promise<AccuracyReport> {
  const totals = new Totals();
  const lines = [`Detection of attacks, unseen (seeds ${UNSEEN_SEEDS[0]}-${UNSEEN_SEEDS.at(-1)})`];
  for (const seed of UNSEEN_SEEDS) {
    const log = simulateLog(seed);
    const result = score(log);
    const single = bestSingleThreshold(log);
    totals.add(result, single);
    lines.push(lineOf(seed, log, result, single));
  }
  return { ok: totals.ok, lines: [...lines, ...totals.lines()] };
}
