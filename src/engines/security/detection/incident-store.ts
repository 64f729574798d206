import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import type { OpenIncident } from './domain/group-incidents.ts';
import type { Reason, Remedy, Severity } from './domain/rule.ts';
import type { WatchedEvent } from './domain/watched-event.ts';

type Tx = TenantTx<Context>;

/** How far people are with an incident. */
export type IncidentState = 'open' | 'acknowledged' | 'closed';
/** What it turned out to be. */
export type Verdict = 'attack' | 'expected' | 'false_alarm';

/** An incident as it is kept. */
export interface Incident {
  id: string;
  rule: string;
  rules: string[];
  about: string[];
  severity: Severity;
  score: string;
  reasons: Reason[];
  state: IncidentState;
  verdict: Verdict | null;
  note: string | null;
  firstAt: Date;
  lastAt: Date;
  raisedAt: Date;
  handledBy: string | null;
  handledAt: Date | null;
  version: number;
}

/** An event that shows an incident. */
export interface Evidence {
  id: string;
  at: Date;
  kind: string;
  outcome: string;
  personId: string | null;
  subjectId: string | null;
  network: string | null;
  device: string | null;
  detail: Record<string, unknown>;
}

/** What was done about an incident, or would have been. */
export interface TakenRemedy {
  id: string;
  incidentId: string;
  kind: Remedy;
  target: string;
  state: 'taken' | 'undone' | 'dry_run' | 'refused';
  takenBy: string | null;
  at: Date;
  undoneBy: string | null;
  undoneAt: Date | null;
  refusal: string | null;
}

const columns = sql`incident.id, incident.rule, incident.rules, incident.about, incident.severity, incident.score,
  incident.reasons, incident.state, incident.verdict, incident.note, incident.first_at as "firstAt",
  incident.last_at as "lastAt", incident.raised_at as "raisedAt", incident.handled_by as "handledBy",
  incident.handled_at as "handledAt", incident.version`;

/** Incidents that new findings may belong to: not closed, and still going on at some moment. */
export async function readOngoing(tx: Tx, since: Date): Promise<OpenIncident[]> {
  return tx.many<OpenIncident>(sql`select id, rule as "ruleId", about[1] as first, about,
      (extract(epoch from last_at) * 1000)::float8 as "lastMs"
    from security.incident where last_at >= ${since} and state <> 'closed' order by last_at`);
}

/** Open incidents since a moment of which no remedy was taken, refused or noted. */
export async function readWithoutRemedy(tx: Tx, since: Date): Promise<Pick<Incident, 'id' | 'rules' | 'about'>[]> {
  return tx.many<Pick<Incident, 'id' | 'rules' | 'about'>>(sql`select id, rules, about from security.incident
    where last_at >= ${since} and state <> 'closed'
      and not exists (select from security.remedy where incident_id = incident.id) order by raised_at`);
}

/** Writes a new incident. */
export async function insertIncident(
  tx: Tx,
  incident: Pick<Incident, 'id' | 'rule' | 'about' | 'severity' | 'reasons' | 'firstAt' | 'lastAt'> & { score: number },
): Promise<void> {
  await tx.run(sql`insert into security.incident (tenant_id, id, rule, rules, about, severity, score, reasons, first_at,
      last_at, raised_at)
    values (${tx.context.tenant.id}, ${incident.id}, ${incident.rule}, ${[incident.rule]}, ${incident.about},
      ${incident.severity}, ${incident.score.toFixed(2)}, ${JSON.stringify(incident.reasons)}, ${incident.firstAt},
      ${incident.lastAt}, ${tx.context.clock.now()})`);
}

/** Takes a further finding into an incident: a higher score brings its reasons along. */
export async function growIncident(
  tx: Tx,
  id: string,
  found: {
    rule: string;
    about: readonly string[];
    severity: Severity;
    score: number;
    reasons: readonly Reason[];
    lastAt: Date;
  },
): Promise<{ severity: Severity; isNewRule: boolean }> {
  const before = await tx.one<Pick<Incident, 'rules' | 'about' | 'severity'>>(
    sql`select rules, about, severity from security.incident where id = ${id} for update`,
  );
  const severity = severest(before.severity, found.severity);
  const rules = [...new Set([...before.rules, found.rule])];
  await tx.run(sql`update security.incident set rules = ${rules},
      about = ${[...new Set([...before.about, ...found.about])]}, severity = ${severity},
      last_at = greatest(last_at, ${found.lastAt}), version = version + 1,
      reasons = case when ${found.score.toFixed(2)}::numeric > score then ${JSON.stringify(found.reasons)}::jsonb else reasons end,
      score = greatest(score, ${found.score.toFixed(2)}::numeric)
    where id = ${id}`);
  return { severity, isNewRule: rules.length > before.rules.length };
}

const order: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

function severest(a: Severity, b: Severity): Severity {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** Keeps what shows an incident; what is kept already stays as it is. */
export async function insertEvidence(tx: Tx, incidentId: string, events: readonly WatchedEvent[]): Promise<void> {
  const rows = events.map(({ id, atMs, kind, outcome, personId, subjectId, network, device, detail }) => ({
    ...{ id, at: new Date(atMs).toISOString(), kind, outcome, person_id: personId, subject_id: subjectId },
    ...{ network, device, detail },
  }));
  await tx.run(sql`insert into security.incident_evidence (tenant_id, incident_id, event_id, at, kind, outcome, person_id,
      subject_id, network, device, detail)
    select ${tx.context.tenant.id}, ${incidentId}, id, at, kind, outcome, person_id, subject_id, network, device, detail
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as event (id uuid, at timestamptz, kind text, outcome text,
      person_id uuid, subject_id text, network text, device text, detail jsonb)
    on conflict do nothing`);
}

/** An incident by id, locked on request. */
export async function findIncident(tx: Tx, id: string, lock = false): Promise<Incident | undefined> {
  return tx.maybe<Incident>(
    sql`select ${columns} from security.incident where id = ${id} ${lock ? sql`for update` : sql``}`,
  );
}

/** What incidents may be narrowed by. */
export interface IncidentFilter {
  state?: IncidentState | 'unclosed' | undefined;
  severity?: Severity | undefined;
  rule?: string | undefined;
  about?: string | undefined;
}

/** Incidents, the one with the latest event first unless told otherwise. */
export async function listIncidents(tx: Tx, filter: IncidentFilter, request: ListRequest): Promise<Page<Incident>> {
  const where = [sql`incident.tenant_id = ${tx.context.tenant.id}`];
  if (filter.state) where.push(filter.state === 'unclosed' ? sql`state <> 'closed'` : sql`state = ${filter.state}`);
  if (filter.severity) where.push(sql`severity = ${filter.severity}`);
  if (filter.rule) where.push(sql`${filter.rule} = any(rules)`);
  if (filter.about) where.push(sql`${filter.about} = any(about)`);
  return keysetPage<Incident>(
    tx,
    {
      ...{ columns, where, id: sql`incident.id`, defaultSort: '-lastAt' },
      from: sql`security.incident`,
      sortable: { lastAt: sql`incident.last_at`, raisedAt: sql`incident.raised_at`, score: sql`incident.score` },
    },
    request,
  );
}

/** What shows an incident, oldest first; the latest 200. */
export async function readEvidence(tx: Tx, incidentId: string): Promise<Evidence[]> {
  const rows = await tx.many<Evidence>(sql`select event_id as id, at, kind, outcome, person_id as "personId",
      subject_id as "subjectId", network, device, detail
    from security.incident_evidence where incident_id = ${incidentId} order by at desc, event_id desc limit 200`);
  return rows.reverse();
}

/** Sets how far people are with an incident. */
export async function judgeIncident(
  tx: Tx,
  id: string,
  to: { state: IncidentState; verdict: Verdict | null; note: string | null },
): Promise<void> {
  await tx.run(sql`update security.incident set state = ${to.state}, verdict = ${to.verdict}, note = ${to.note},
      handled_by = ${tx.context.actor.id}, handled_at = ${tx.context.clock.now()}, version = version + 1
    where id = ${id}`);
}

const remedyColumns = sql`id, incident_id as "incidentId", kind, target, state, taken_by as "takenBy", at,
  undone_by as "undoneBy", undone_at as "undoneAt", refusal`;

/** What was done about an incident, oldest first. */
export async function readRemedies(tx: Tx, incidentId: string): Promise<TakenRemedy[]> {
  return tx.many<TakenRemedy>(
    sql`select ${remedyColumns} from security.remedy where incident_id = ${incidentId} order by at, id`,
  );
}

/** A remedy by id, locked. */
export async function lockRemedy(tx: Tx, id: string): Promise<TakenRemedy | undefined> {
  return tx.maybe<TakenRemedy>(sql`select ${remedyColumns} from security.remedy where id = ${id} for update`);
}

/** Writes down that a remedy was taken, or why not; answers its id. */
export async function insertRemedy(
  tx: Tx,
  remedy: Pick<TakenRemedy, 'incidentId' | 'kind' | 'target' | 'state' | 'takenBy' | 'refusal'> & { at?: Date },
): Promise<string> {
  const id = tx.context.newId();
  await tx.run(sql`insert into security.remedy (tenant_id, id, incident_id, kind, target, state, taken_by, at, refusal)
    values (${tx.context.tenant.id}, ${id}, ${remedy.incidentId}, ${remedy.kind}, ${remedy.target}, ${remedy.state},
      ${remedy.takenBy}, ${remedy.at ?? tx.context.clock.now()}, ${remedy.refusal})`);
  return id;
}

/** The first of the other remedies in force that did the same to the same target. */
export async function otherInForce(tx: Tx, { id, kind, target }: TakenRemedy): Promise<TakenRemedy | undefined> {
  return tx.maybe<TakenRemedy>(sql`select ${remedyColumns} from security.remedy
    where kind = ${kind} and target = ${target} and state = 'taken' and id <> ${id} order by at, id limit 1`);
}

/** Marks a remedy as undone. */
export async function markUndone(tx: Tx, id: string): Promise<void> {
  await tx.run(sql`update security.remedy set state = 'undone', undone_by = ${tx.context.actor.id},
    undone_at = ${tx.context.clock.now()} where id = ${id}`);
}

/** How many remedies were taken since a moment, in all and of one kind for one target. */
export async function countRemedies(
  tx: Tx,
  since: Date,
  of: { kind: Remedy; target: string },
): Promise<{ byRules: number; same: number }> {
  return tx.one(sql`select count(*) filter (where taken_by is null)::integer as "byRules",
      count(*) filter (where kind = ${of.kind} and target = ${of.target})::integer as same
    from security.remedy where at >= ${since} and state in ('taken', 'undone')`);
}

/** How a tenant has set a rule. */
export interface RuleSetting {
  rule: string;
  enabled: boolean;
  mode: 'act' | 'dry_run';
  version: number;
}

/** The rules that the tenant has set. */
export async function readRuleSettings(tx: Tx): Promise<Map<string, RuleSetting>> {
  const rows = await tx.many<RuleSetting>(sql`select rule, enabled, mode, version from security.rule_setting`);
  return new Map(rows.map((row) => [row.rule, row]));
}

/** Sets a rule. */
export async function keepRuleSetting(tx: Tx, setting: Omit<RuleSetting, 'version'>): Promise<void> {
  await tx.run(sql`insert into security.rule_setting (tenant_id, rule, enabled, mode)
    values (${tx.context.tenant.id}, ${setting.rule}, ${setting.enabled}, ${setting.mode})
    on conflict (tenant_id, rule) do update set enabled = excluded.enabled, mode = excluded.mode,
      version = rule_setting.version + 1`);
}

/** What became of a rule's incidents since a moment. */
export interface RuleHits {
  rule: string;
  incidents: number;
  attacks: number;
  falseAlarms: number;
  open: number;
}

/** Counts incidents by the rules that took part. */
export async function countHits(tx: Tx, since: Date): Promise<Map<string, RuleHits>> {
  const rows = await tx.many<RuleHits>(sql`select hit as rule, count(*)::integer as incidents,
      count(*) filter (where verdict = 'attack')::integer as attacks,
      count(*) filter (where verdict in ('expected', 'false_alarm'))::integer as "falseAlarms",
      count(*) filter (where state <> 'closed')::integer as open
    from security.incident, unnest(rules) hit where raised_at >= ${since} group by hit`);
  return new Map(rows.map((row) => [row.rule, row]));
}
