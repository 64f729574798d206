import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { recordAudit } from '../audit/record-audit.ts';
import { type Detection, Detector, type Failure } from './domain/detector.ts';
import { incidentOf, type OpenIncident } from './domain/group-incidents.ts';
import { dayMs } from './domain/profile.ts';
import type { Remedy, Rule } from './domain/rule.ts';
import type { WatchedEvent } from './domain/watched-event.ts';
import {
  findIncident,
  growIncident,
  insertEvidence,
  insertIncident,
  type RuleSetting,
  readOngoing,
  readRuleSettings,
  readWithoutRemedy,
} from './incident-store.ts';
import { takeByRule } from './take-remedy.ts';
import { holdWatch, leaveWatch, readAttemptsAtNobody, readPast, readPeerGroups, takeNews } from './watch-store.ts';

type Tx = TenantTx<Context>;

/**
 * The watch is kept so long beyond the last sign of life. After a crash another process takes over within this and one
 * poll, so that an alert is there within five seconds.
 */
export const heldMs = 3_000;
/** Events looked at in one transaction: far below a second. */
const batch = 200;
/** Events of the past read at once, and how far back: habits form over weeks. */
const pastBatch = 2_000;
const pastMs = 60 * dayMs;
/** Incidents older than this take no further findings. */
const ongoingMs = 60 * dayMs;
const peersFreshMs = 60_000;
/** Attempts at nobody are read again so far back, for those whose transaction ended late. */
const overlapMs = 5_000;
/** Remedies are made up for so long after the last finding; later, people have seen the incident. */
const missedMs = 10 * 60_000;
/** Evidence kept with one finding; the latest count. */
const maxEvidence = 100;

interface Due {
  incident: { id: string; about: readonly string[] };
  remedy: Remedy;
  mode: 'act' | 'dry_run';
}

/** Watches one tenant: what it has seen is in its memory, so one process does it at a time. */
export class TenantWatch {
  readonly #context: Context;
  readonly #holder: string;
  readonly #rules: readonly Rule[];
  #detector: Detector | undefined;
  #ongoing: OpenIncident[] = [];
  #peersReadMs = 0;
  #nobodySeen = new Set<string>();
  #nobodyAfter = new Date(0);

  constructor(context: Context, holder: string, rules: readonly Rule[]) {
    this.#context = context;
    this.#holder = holder;
    this.#rules = rules;
  }

  /** Whether this process has the watch, as far as it knows. */
  get isHeld(): boolean {
    return this.#detector !== undefined;
  }

  /** Forgets what was seen: another process has the watch now. */
  forget(): void {
    this.#detector = undefined;
  }

  /** Lets another process watch. */
  async leave(): Promise<void> {
    if (!this.#detector) return;
    this.#detector = undefined;
    await this.#context.db.transact(this.#context, (tx) => leaveWatch(tx, this.#holder));
  }

  /** Looks at what is new; answers how many events that were, 0 while another process has the watch. */
  async look(): Promise<number> {
    const { db } = this.#context;
    try {
      if (!this.#detector && !(await this.#remember())) return 0;
      await this.#hearOfNobody();
      const due: Due[] = [];
      const seen = await db.transact(this.#context, async (tx) => {
        due.length = 0;
        if (!(await this.#hold(tx))) return -1;
        await this.#readPeers(tx);
        return this.#lookAt(tx, await takeNews(tx, batch), due);
      });
      if (seen < 0) this.#detector = undefined;
      for (const { incident, remedy, mode } of due) {
        await takeByRule(this.#context, { ...incident, about: [...incident.about] }, remedy, mode);
      }
      return Math.max(seen, 0);
    } catch (error) {
      // What was seen in a transaction that did not end well must not be remembered.
      this.#detector = undefined;
      throw error;
    }
  }

  #tellFailure({ part, event, error }: Failure): void {
    this.#context.log.error({ err: error, part, event: event.id }, 'detection: a rule failed at an event');
  }

  #hold(tx: Tx): Promise<boolean> {
    return holdWatch(tx, this.#holder, heldMs);
  }

  /** Takes the watch and goes through what was seen before, so that habits are known. */
  async #remember(): Promise<boolean> {
    const { db, clock } = this.#context;
    if (!(await db.transact(this.#context, (tx) => this.#hold(tx)))) return false;
    const detector = new Detector(this.#rules, (failure) => this.#tellFailure(failure));
    let after = { at: new Date(clock.now().getTime() - pastMs), id: '00000000-0000-0000-0000-000000000000' };
    for (;;) {
      const past = await db.transact(this.#context, async (tx) =>
        (await this.#hold(tx)) ? readPast(tx, after, pastBatch) : null,
      );
      if (past === null) return false;
      for (const [n, event] of past.entries()) {
        detector.recall(event);
        if (n % 200 === 199) await nextTurn();
      }
      const last = past.at(-1);
      if (!last || past.length < pastBatch) break;
      after = { at: last.at, id: last.id };
    }
    this.#ongoing = await db.read(this.#context, (tx) => readOngoing(tx, new Date(clock.now().getTime() - ongoingMs)));
    this.#nobodyAfter = new Date(clock.now().getTime() - dayMs);
    this.#nobodySeen.clear();
    this.#peersReadMs = 0;
    this.#detector = detector;
    await this.#takeMissed();
    return true;
  }

  /** Remedies follow their incident's transaction: whoever ended in between has left them to this process. */
  async #takeMissed(): Promise<void> {
    const since = new Date(this.#context.clock.now().getTime() - missedMs);
    const { left, settings } = await this.#context.db.read(this.#context, async (tx) => ({
      left: await readWithoutRemedy(tx, since),
      settings: await readRuleSettings(tx),
    }));
    for (const incident of left) {
      for (const rule of this.#rules.filter(({ id }) => incident.rules.includes(id))) {
        const setting = settings.get(rule.id);
        if (!rule.remedy || setting?.enabled === false) continue;
        // One that cannot be taken must not keep the tenant unwatched.
        await takeByRule(this.#context, incident, rule.remedy, setting?.mode ?? rule.byItself).catch((error) =>
          this.#context.log.error({ err: error, incident: incident.id }, 'detection: a missed remedy was not taken'),
        );
      }
    }
  }

  /** Attempts at accounts that nobody has count where they come from. */
  async #hearOfNobody(): Promise<void> {
    const after = new Date(this.#nobodyAfter.getTime() - overlapMs);
    const events = await readAttemptsAtNobody(this.#context.db, after, batch);
    for (const event of events) {
      if (!this.#nobodySeen.has(event.id)) this.#detector?.recall(event);
      this.#nobodyAfter = new Date(Math.max(this.#nobodyAfter.getTime(), event.atMs));
    }
    this.#nobodySeen = new Set(events.map(({ id }) => id));
  }

  async #readPeers(tx: Tx): Promise<void> {
    const nowMs = tx.context.clock.now().getTime();
    if (!this.#detector || Math.abs(nowMs - this.#peersReadMs) < peersFreshMs) return;
    const groups = await readPeerGroups(tx);
    this.#detector.memory.peerGroup = (id) => groups.get(id) ?? '';
    this.#peersReadMs = nowMs;
  }

  async #lookAt(tx: Tx, events: readonly WatchedEvent[], due: Due[]): Promise<number> {
    if (events.length === 0 || !this.#detector) return 0;
    const settings = await readRuleSettings(tx);
    const ongoing = this.#ongoing.map((one) => ({ ...one }));
    for (const event of events) {
      for (const detection of this.#detector.see(event)) {
        const setting = settings.get(detection.rule.id);
        if (setting?.enabled === false) continue;
        await keepDetection(tx, ongoing, detection, setting, due);
      }
    }
    const oldest = (events.at(-1)?.atMs ?? 0) - ongoingMs;
    tx.afterCommit(() => {
      this.#ongoing = ongoing.filter(({ lastMs }) => lastMs >= oldest);
    });
    return events.length;
  }
}

/** The incident that a detection goes on with; one that people have closed meanwhile takes nothing further, and is forgotten. */
async function openIncidentOf(
  tx: Tx,
  ongoing: OpenIncident[],
  detection: Detection,
): Promise<OpenIncident | undefined> {
  for (;;) {
    const known = incidentOf(ongoing, detection);
    if (!known || (await findIncident(tx, known.id, true))?.state !== 'closed') return known;
    ongoing.splice(ongoing.indexOf(known), 1);
  }
}

/** Raises an incident or goes on with one. */
async function keepDetection(
  tx: Tx,
  ongoing: OpenIncident[],
  detection: Detection,
  setting: RuleSetting | undefined,
  due: Due[],
): Promise<void> {
  const { rule, about, score, reasons, event } = detection;
  const evidence = detection.evidence.slice(-maxEvidence);
  const lastAt = new Date(event.atMs);
  const known = await openIncidentOf(tx, ongoing, detection);
  const id = known?.id ?? tx.context.newId();
  // Another victim of the same attack needs the remedy too.
  const isNewTarget = !known?.about.includes(about[0] ?? '');
  let isNewRule = true;
  if (known) {
    const grown = await growIncident(tx, id, { rule: rule.id, about, severity: rule.severity, score, reasons, lastAt });
    known.about = [...new Set([...known.about, ...about])];
    known.lastMs = Math.max(known.lastMs, event.atMs);
    isNewRule = grown.isNewRule;
  } else {
    const firstAt = new Date(evidence[0]?.atMs ?? event.atMs);
    await insertIncident(tx, {
      id,
      rule: rule.id,
      about: [...about],
      severity: rule.severity,
      score,
      reasons: [...reasons],
      firstAt,
      lastAt,
    });
    ongoing.push({ id, ruleId: rule.id, first: about[0] ?? '', about, lastMs: event.atMs });
    const after = { rule: rule.id, about, severity: rule.severity, score: score.toFixed(2) };
    await recordAudit(tx, { action: 'incident.raised', entityType: 'incident', entityId: id, after });
  }
  await insertEvidence(tx, id, evidence);
  if (rule.remedy && (isNewRule || isNewTarget)) {
    due.push({ incident: { id, about }, remedy: rule.remedy, mode: setting?.mode ?? rule.byItself });
  }
  if (!isNewRule) return;
  await emit(tx, {
    ...{ type: `security.incident.${known ? 'grew' : 'raised'}`, subjectType: 'incident', subjectId: id },
    data: { incidentId: id, rule: rule.id, title: rule.title, severity: rule.severity, score: score.toFixed(2) },
  });
}
