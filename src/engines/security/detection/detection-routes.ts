import { z } from 'zod';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import {
  type AnyRoute,
  codeSchema,
  idParams,
  idSchema,
  instantSchema,
  listQueryShape,
  nameSchema,
  noteSchema,
  pageOf,
  route,
} from '#http';
import { notFound } from '#problem';
import { findPeople } from '../people/people.ts';
import { nameProgramKeys } from '../service-accounts/api-key-store.ts';
import { eventKinds } from './domain/event-kinds.ts';
import { dayMs } from './domain/profile.ts';
import { rules } from './domain/rules/index.ts';
import {
  countHits,
  findIncident,
  type Incident,
  listIncidents,
  readEvidence,
  readRemedies,
  readRuleSettings,
} from './incident-store.ts';
import { changeIncident } from './judge-incident.ts';
import { setRule } from './set-rule.ts';
import { takeRemedy, undoRemedy } from './take-remedy.ts';

const severitySchema = z.enum(['low', 'medium', 'high', 'critical']);
const stateSchema = z.enum(['open', 'acknowledged', 'closed']);
const verdictSchema = z.enum(['attack', 'expected', 'false_alarm']);
const remedySchema = z.enum(['end_sessions', 'step_up', 'lock', 'quarantine_key']);
const modeSchema = z.enum(['act', 'dry_run']);
const reasonSchema = z.object({ because: z.string(), points: z.number() });
const personSchema = z.object({ id: z.string(), name: z.string() });

const incidentSchema = z.object({
  id: idSchema,
  rule: z.string(),
  title: z.string(),
  rules: z.array(z.string()),
  severity: severitySchema,
  score: z.string(),
  reasons: z.array(reasonSchema),
  about: z.array(z.string()).describe('person:…, key:…, network:… (a fingerprint), pair:…, trail:…, rule:…'),
  people: z.array(personSchema),
  state: stateSchema,
  verdict: verdictSchema.nullable(),
  note: z.string().nullable(),
  firstAt: instantSchema,
  lastAt: instantSchema,
  raisedAt: instantSchema,
  handledBy: z.string().nullable(),
  handledAt: instantSchema.nullable(),
  version: z.number().int(),
});

const evidenceSchema = z.object({
  id: idSchema,
  at: instantSchema,
  kind: z.string(),
  what: z.string(),
  outcome: z.enum(['succeeded', 'refused']),
  person: personSchema.nullable(),
  subject: z.string().nullable(),
  network: z.string().nullable().describe('a fingerprint: equal texts are equal networks'),
  device: z.string().nullable().describe('a fingerprint'),
  detail: z.record(z.string(), z.unknown()),
});

const takenSchema = z.object({
  id: idSchema,
  kind: remedySchema,
  target: z.string(),
  targetName: z.string().nullable(),
  state: z.enum(['taken', 'undone', 'dry_run', 'refused']),
  takenBy: z.string().nullable().describe('null: the rule'),
  at: instantSchema,
  undoneBy: z.string().nullable(),
  undoneAt: instantSchema.nullable(),
  refusal: z.string().nullable(),
});

const keySchema = z.object({
  ...{ id: idSchema, name: z.string(), hint: z.string(), serviceAccountId: idSchema, program: z.string() },
  works: z.boolean(),
});

const oneSchema = incidentSchema.extend({
  evidence: z.array(evidenceSchema),
  remedies: z.array(takenSchema),
  keys: z.array(keySchema).describe('keys of programs that it is about'),
});

const ruleSchema = z.object({
  ...{ id: z.string(), title: z.string(), what: z.string(), why: z.string(), severity: severitySchema },
  ...{ windowS: z.number(), threshold: z.number(), after: z.array(z.string()), remedy: remedySchema.nullable() },
  ...{ enabled: z.boolean(), mode: modeSchema, version: z.int().describe('For If-Match; 0 where it was never set') },
  hits: z
    .object({
      incidents: z.number().int(),
      attacks: z.number().int(),
      falseAlarms: z.number().int(),
      open: z.number().int(),
    })
    .describe('of the last 30 days'),
});

/** Hit rates are over so many days. */
const hitDays = 30;

const titleOf = (id: string) => rules.find((rule) => rule.id === id)?.title ?? id;

type Names = (id: string | null) => { id: string; name: string } | null;

async function namesOf(tx: TenantTx<Context>, ids: readonly (string | null)[]): Promise<Names> {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null && idSchema.safeParse(id).success))];
  const people = wanted.length > 0 ? await findPeople(tx, { ids: wanted }) : [];
  const byId = new Map(people.map(({ id, name }) => [id, { id, name }]));
  return (id) => (id === null ? null : (byId.get(id) ?? null));
}

/** The people whom an incident is about: alone, or as a pair. */
const personIds = ({ about }: Incident) =>
  about.flatMap((one) => (/^(person|pair):/.test(one) ? one.slice(one.indexOf(':') + 1).split('+') : []));

function incidentBody(incident: Incident, names: Names) {
  const { firstAt, lastAt, raisedAt, handledAt } = incident;
  const people = personIds(incident).flatMap((id) => names(id) ?? []);
  return {
    ...incident,
    ...{ title: titleOf(incident.rule), people, handledBy: names(incident.handledBy)?.name ?? incident.handledBy },
    ...{ firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString(), raisedAt: raisedAt.toISOString() },
    handledAt: handledAt?.toISOString() ?? null,
  };
}

async function oneBody(tx: TenantTx<Context>, id: string) {
  const incident = (await findIncident(tx, id)) ?? notFound('incident', id);
  const evidence = await readEvidence(tx, id);
  const remedies = await readRemedies(tx, id);
  const names = await namesOf(tx, [
    ...personIds(incident),
    incident.handledBy,
    ...evidence.flatMap(({ personId, subjectId }) => [personId, subjectId]),
    ...remedies.flatMap(({ target, takenBy, undoneBy }) => [target, takenBy, undoneBy]),
  ]);
  const nameOr = (of: string | null) => names(of)?.name ?? of;
  const keyIds = incident.about.filter((one) => one.startsWith('key:')).map((one) => one.slice('key:'.length));
  const keys = await nameProgramKeys(
    tx,
    keyIds.filter((one) => idSchema.safeParse(one).success),
    tx.context.clock.now(),
  );
  const keyName = (of: string) => keys.find((key) => key.id === of)?.name ?? null;
  return {
    ...incidentBody(incident, names),
    keys,
    evidence: evidence.map(({ at, kind, personId, subjectId, ...rest }) => ({
      ...rest,
      ...{ at: at.toISOString(), kind, what: eventKinds[kind as keyof typeof eventKinds] ?? kind },
      ...{ person: names(personId), subject: nameOr(subjectId) },
    })),
    remedies: remedies.map(({ incidentId: _, ...one }) => ({
      ...one,
      ...{
        targetName: names(one.target)?.name ?? keyName(one.target),
        takenBy: nameOr(one.takenBy),
        undoneBy: nameOr(one.undoneBy),
      },
      ...{ at: one.at.toISOString(), undoneAt: one.undoneAt?.toISOString() ?? null },
    })),
  };
}

const readOne = async (context: Context, id: string) => {
  const body = await context.db.read(context, (tx) => oneBody(tx, id));
  return { body, version: body.version };
};

async function rulesBody(context: Context) {
  const since = new Date(context.clock.now().getTime() - hitDays * dayMs);
  const { settings, hits } = await context.db.read(context, async (tx) => ({
    settings: await readRuleSettings(tx),
    hits: await countHits(tx, since),
  }));
  const none = { incidents: 0, attacks: 0, falseAlarms: 0, open: 0 };
  return {
    items: rules.map(({ id, title, what, why, severity, windowMs, threshold, after, remedy, byItself }) => {
      const { rule: _, ...counted } = hits.get(id) ?? { rule: id, ...none };
      const setting = settings.get(id);
      return {
        ...{ id, title, what, why, severity, windowS: windowMs / 1_000, threshold, after: [...after], remedy },
        ...{
          enabled: setting?.enabled ?? true,
          mode: setting?.mode ?? byItself,
          version: setting?.version ?? 0,
          hits: counted,
        },
      };
    }),
  };
}

/** `/security`: incidents with their evidence, what is done about them, and the rules. */
export const detectionRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'GET', path: '/security/incidents', access: 'audit:read', reach: 'tenant' },
    summary: 'Incidents that detection found, the latest first',
    query: z.strictObject({
      ...listQueryShape,
      state: z.enum([...stateSchema.options, 'unclosed']).optional(),
      severity: severitySchema.optional(),
      rule: codeSchema.optional(),
      about: nameSchema.optional(),
    }),
    answers: { 200: pageOf(incidentSchema) },
    handle: (context, { query }) =>
      context.db.read(context, async (tx) => {
        const page = await listIncidents(tx, query, query);
        const names = await namesOf(
          tx,
          page.items.flatMap((one) => [...personIds(one), one.handledBy]),
        );
        return { body: { ...page, items: page.items.map((one) => incidentBody(one, names)) } };
      }),
  }),
  route({
    ...{ method: 'GET', path: '/security/incidents/:id', access: 'audit:read', reach: 'tenant' },
    summary: 'One incident: what shows it, why it was raised, what was done',
    params: idParams,
    answers: { 200: oneSchema },
    handle: (context, { params }) => readOne(context, params.id),
  }),
  route({
    ...{ method: 'PATCH', path: '/security/incidents/:id', access: 'users:manage', reach: 'tenant' },
    summary: 'Acknowledge, close with a verdict, or open again',
    params: idParams,
    body: z.strictObject({ state: stateSchema, verdict: verdictSchema.optional(), note: noteSchema.optional() }),
    answers: { 200: oneSchema },
    handle: async (context, { params, body, ifMatch }) => {
      await changeIncident(context, params.id, body, ifMatch);
      return readOne(context, params.id);
    },
  }),
  route({
    ...{ method: 'POST', path: '/security/incidents/:id/remedies', access: 'users:manage', reach: 'tenant' },
    summary: 'Do something about an incident: end sessions, ask for proof, lock, set a key aside',
    params: idParams,
    body: z.strictObject({ kind: remedySchema, target: idSchema.optional() }),
    answers: { 200: oneSchema },
    handle: async (context, { params, body }) => {
      await takeRemedy(context, params.id, body);
      return readOne(context, params.id);
    },
  }),
  route({
    ...{
      method: 'POST',
      path: '/security/incidents/:id/remedies/:remedyId/undo',
      access: 'users:manage',
      reach: 'tenant',
    },
    summary: 'Take a remedy back',
    proof: 'recent',
    params: z.object({ id: idSchema, remedyId: idSchema }),
    answers: { 200: oneSchema },
    handle: async (context, { params }) => {
      await undoRemedy(context, params.id, params.remedyId);
      return readOne(context, params.id);
    },
  }),
  route({
    ...{ method: 'GET', path: '/security/rules', access: 'audit:read', reach: 'tenant' },
    summary: 'Detection rules: what each looks for, how it is set and how often it was right',
    answers: { 200: z.object({ items: z.array(ruleSchema) }) },
    handle: async (context) => ({ body: await rulesBody(context) }),
  }),
  route({
    ...{ method: 'PATCH', path: '/security/rules', access: 'users:manage', reach: 'tenant' },
    summary: 'Turn a rule on or off, or its remedy into a dry run',
    proof: 'recent',
    body: z.strictObject({ rule: codeSchema, enabled: z.boolean().optional(), mode: modeSchema.optional() }),
    answers: { 200: z.object({ items: z.array(ruleSchema) }) },
    handle: async (context, { body: { rule, ...change }, ifMatch }) => {
      await setRule(context, rule, change, ifMatch);
      return { body: await rulesBody(context) };
    },
  }),
];
