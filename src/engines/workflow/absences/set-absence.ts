import { instantOf, todayIn } from '#clock';
import type { Context } from '#context';
import { armTimer, disarmTimers, emit } from '#events';
import { type FieldError, notFound, Problem } from '#problem';
import type { ScopeRoots } from '#scope';
import { findMembers, recordAudit } from '#security';
import type { Tx } from '../instances/workflow-parts.ts';
import {
  type Absence,
  absencesBetween,
  insertAbsence,
  lockAbsence,
  lockPerson,
  updateAbsence,
} from './absence-store.ts';
import { type Gap, gapsBecauseOf } from './forecast.ts';

/** What somebody says of an absence. */
export interface AbsenceInput {
  personId: string;
  /** Null: nobody stands in. */
  substituteId: string | null;
  /** Business dates, both inclusive. */
  startsOn: string;
  endsOn: string;
  /** Customers and products that it is kept to: a delegation; null: the person is away. */
  scope: ScopeRoots | null;
}

/** A saved absence, and the steps that would be left to nobody because of it. */
export interface SavedAbsence {
  absence: Absence;
  gaps: Gap[];
}

/** How long an absence lasts at most. */
const longestDays = 366;
const dayMs = 86_400_000;
const nextDay = (date: string): string => new Date(Date.parse(date) + dayMs).toISOString().slice(0, 10);

/** Whether the actor answers for everybody of the tenant. */
export const managesPeople = ({ actor }: Context): boolean => actor.permissions.has('users:manage') && !actor.scope;

/** Who says when somebody is away: they themselves, or who answers for people. */
function requireOwn(context: Context, personId: string): void {
  if (personId === context.actor.id || managesPeople(context)) return;
  throw new Problem('auth.forbidden', {
    detail: 'Only they themselves, or who manages people, says when they are away.',
  });
}

function datesWrong({ startsOn, endsOn }: AbsenceInput, today: string): FieldError[] {
  const errors: FieldError[] = [];
  if (endsOn < startsOn) errors.push({ path: 'endsOn', message: 'must not lie before the first day' });
  if (endsOn < today) errors.push({ path: 'endsOn', message: 'must not lie in the past' });
  if ((Date.parse(endsOn) - Date.parse(startsOn)) / dayMs >= longestDays)
    errors.push({ path: 'endsOn', message: `must lie within ${longestDays} days of the first` });
  return errors;
}

async function requireFitting(tx: Tx, input: AbsenceInput): Promise<void> {
  const { clock, tenant } = tx.context;
  const { personId, substituteId, scope } = input;
  const errors = datesWrong(input, todayIn(clock, tenant.timeZone));
  const known = await findMembers(tx, substituteId === null ? [personId] : [personId, substituteId]);
  const substitute = known.find(({ id }) => id === substituteId);
  if (!known.some(({ id }) => id === personId)) errors.push({ path: 'personId', message: 'is nobody here' });
  if (personId === substituteId) errors.push({ path: 'substituteId', message: 'must be somebody else' });
  else if (substituteId !== null && !(substitute?.active && substitute.permissions.has('workflows:act')))
    errors.push({ path: 'substituteId', message: 'must be a colleague who may decide tasks' });
  if (scope !== null && substituteId === null)
    errors.push({ path: 'substituteId', message: 'is needed for what is handed over in part' });
  if (errors.length > 0) throw new Problem('rule.violated', { detail: 'This absence cannot be.', errors });
}

async function requireAlone(tx: Tx, one: Absence): Promise<void> {
  const others = await absencesBetween(tx, one.beginsAt, one.endsAt);
  const same = others.find(
    ({ id, personId, scope }) => personId === one.personId && id !== one.id && scope === null && one.scope === null,
  );
  if (!same) return;
  throw new Problem('state.conflict', {
    detail: `They are away from ${same.startsOn} to ${same.endsOn} already: change that.`,
  });
}

/** The moments at which tasks change hands; what lies in the past is done at once. */
async function arm(tx: Tx, { id, beginsAt, endsAt, endedAt }: Absence): Promise<void> {
  await disarmTimers(tx, 'workflow.absence', id);
  const now = tx.context.clock.now();
  const moments = endedAt === null ? [beginsAt > now ? beginsAt : now, endsAt] : [now];
  for (const dueAt of moments) await armTimer(tx, { kind: 'workflow.absence', subjectId: id, dueAt, data: {} });
}

async function tell(tx: Tx, what: 'set' | 'changed' | 'ended', one: Absence, before?: Absence): Promise<void> {
  const { id, personId, substituteId, startsOn, endsOn } = one;
  await recordAudit(tx, {
    ...{ action: `absence.${what}`, entityType: 'absence', entityId: id },
    ...(before ? { before: shown(before) } : {}),
    after: shown(one),
  });
  await emit(tx, {
    ...{ type: `workflow.absence.${what}`, subjectType: 'absence', subjectId: id },
    data: { absenceId: id, personId, substituteId, startsOn, endsOn },
  });
}

const shown = ({ personId, substituteId, startsOn, endsOn, scope, endedAt }: Absence) => ({
  ...{ personId, substituteId, startsOn, endsOn, scope },
  endedAt: endedAt?.toISOString() ?? null,
});

/** The instants of an absence's days in the tenant's time zone: it ends when its last day does. */
function instantsOf(tx: Tx, { startsOn, endsOn }: Pick<Absence, 'startsOn' | 'endsOn'>) {
  const { timeZone } = tx.context.tenant;
  return { beginsAt: instantOf(startsOn, timeZone), endsAt: instantOf(nextDay(endsOn), timeZone) };
}

/**
 * Says that somebody is away, or hands a part of what they decide to somebody else. Throws `auth.forbidden`,
 * `rule.violated`, `state.conflict` where they are away then already.
 */
export async function setAbsence(context: Context, input: AbsenceInput): Promise<SavedAbsence> {
  requireOwn(context, input.personId);
  const saved = await context.db.transact(context, async (tx) => {
    await lockPerson(tx, input.personId);
    await requireFitting(tx, input);
    const absence = { ...input, ...instantsOf(tx, input), id: context.newId(), endedAt: null, version: 1 };
    await requireAlone(tx, absence);
    await insertAbsence(tx, absence);
    await arm(tx, absence);
    await tell(tx, 'set', absence);
    return absence;
  });
  return withGaps(context, saved);
}

/** Looked for after the commit: a forecast reads much, and a transaction that writes is short. */
async function withGaps(context: Context, absence: Absence): Promise<SavedAbsence> {
  return { absence, gaps: await context.db.read(context, (tx) => gapsBecauseOf(tx, absence)) };
}

async function holdOpen(tx: Tx, id: string, ifMatch: number | undefined): Promise<Absence> {
  const before = (await lockAbsence(tx, id)) ?? notFound('absence', id);
  requireOwn(tx.context, before.personId);
  if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
  if (before.endedAt !== null || before.endsAt <= tx.context.clock.now())
    throw new Problem('state.conflict', { detail: 'This absence is over.' });
  return before;
}

/** Changes who stands in, or the days. Throws as {@link setAbsence}, `version.conflict`, and `state.conflict` once it is over. */
export async function changeAbsence(
  context: Context,
  id: string,
  change: Partial<Pick<AbsenceInput, 'substituteId' | 'startsOn' | 'endsOn'>>,
  ifMatch: number | undefined,
): Promise<SavedAbsence> {
  const saved = await context.db.transact(context, async (tx) => {
    const before = await holdOpen(tx, id, ifMatch);
    await lockPerson(tx, before.personId);
    const input = { ...before, ...change };
    await requireFitting(tx, input);
    const absence = { ...input, ...instantsOf(tx, input), version: before.version + 1 };
    await requireAlone(tx, absence);
    await updateAbsence(tx, absence);
    await arm(tx, absence);
    await tell(tx, 'changed', absence, before);
    return absence;
  });
  return withGaps(context, saved);
}

/** Ends an absence now: they are back, or never go. Throws as {@link changeAbsence}. */
export async function endAbsence(context: Context, id: string): Promise<Absence> {
  return context.db.transact(context, async (tx) => {
    const before = await holdOpen(tx, id, undefined);
    const absence = { ...before, endedAt: context.clock.now(), version: before.version + 1 };
    await updateAbsence(tx, absence);
    await arm(tx, absence);
    await tell(tx, 'ended', absence, before);
    return absence;
  });
}
