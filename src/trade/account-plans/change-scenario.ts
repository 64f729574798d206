import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import { requireTerms } from './change-plan.ts';
import { countEdits, predictEdits, type ScenarioEvent } from './count-scenario.ts';
import { editedTerms, type Scenario, type ScenarioEdit } from './domain/scenario.ts';
import { type LoadedPlan, readLatest, readNumbered } from './loaded-plan.ts';
import { findPlan, pack, unpack } from './plan-store.ts';
import { type CountedScenario, findScenario, lockScenario, saveScenario, scenarioEvents } from './scenario-store.ts';

type Tx = TenantTx<Context>;

/** Tells what happened to a scenario: audit entry and event. */
export async function tellScenario(
  tx: Tx,
  name: 'created' | 'changed' | 'adopted',
  scenario: Scenario,
  before?: Scenario,
  more: Record<string, unknown> = {},
): Promise<void> {
  const stated = ({ edits, snapshot, state, name: title }: Scenario) => ({ name: title, state, snapshot, edits });
  await recordAudit(tx, {
    action: `scenario.${name}`,
    entityType: 'scenario',
    entityId: scenario.id,
    ...(before ? { before: stated(before) } : {}),
    after: { ...stated(scenario), ...more },
  });
  const { id, planId, version, state } = scenario;
  await emit(tx, {
    type: `account_plans.scenario.${name}`,
    subjectType: 'scenario',
    subjectId: id,
    data: { scenarioId: id, planId, name: scenario.name, state, version },
  });
}

/** Edits and what they come to on a snapshot; predictions are made outside any lock. */
async function counted(
  context: Context,
  loaded: LoadedPlan,
  edits: ScenarioEdit[],
  known: readonly ScenarioEvent[],
): Promise<Pick<CountedScenario, 'edits' | 'snapshot' | 'figures'> & { events: Buffer }> {
  await context.db.read(context, async (tx) => {
    const plan = (await findPlan(tx, loaded.head.planId)) ?? notFound('account plan', loaded.head.planId);
    await requireTerms(tx, plan, editedTerms(loaded.head, edits), loaded);
  });
  const events = await predictEdits(context, loaded, edits, known);
  const figures = countEdits(context, loaded, edits, events);
  return { edits, snapshot: loaded.head.number, figures, events: await pack(events) };
}

async function latestOf(context: Context, planId: string): Promise<LoadedPlan> {
  await context.db.read(context, async (tx) => (await findPlan(tx, planId)) ?? notFound('account plan', planId));
  const loaded = await readLatest(context, planId);
  if (!loaded) throw new Problem('state.conflict', { detail: 'The plan has not been calculated yet.' });
  return loaded;
}

/** The predictions that a scenario has made so far. */
export async function eventsOf(context: Context, scenarioId: string): Promise<ScenarioEvent[]> {
  const packed = await context.db.read(context, (tx) => scenarioEvents(tx, scenarioId));
  return packed ? unpack(packed) : [];
}

/** Copies a plan as it stands into a scenario, with the edits of another scenario of it where given. */
export async function createScenario(
  context: Context,
  input: { planId: string; name: string; edits?: ScenarioEdit[] | undefined; copyOf?: string | undefined },
): Promise<CountedScenario> {
  const loaded = await latestOf(context, input.planId);
  const source = input.copyOf ? await readScenario(context, input.copyOf) : undefined;
  if (source && source.planId !== input.planId) {
    throw new Problem('rule.violated', { detail: 'A scenario is copied within its plan.' });
  }
  const edits = input.edits ?? source?.edits ?? [];
  const { events, ...count } = await counted(context, loaded, edits, source ? await eventsOf(context, source.id) : []);
  return context.db.transact(context, async (tx) => {
    const now = context.clock.now();
    const scenario: CountedScenario = {
      ...{ id: context.newId(), planId: input.planId, name: input.name, state: 'open', version: 1, ...count },
      ...{ createdBy: context.actor.id, createdAt: now, updatedAt: now, adoptedBy: null, adoptedAt: null },
    };
    await saveScenario(tx, scenario, events);
    await tellScenario(tx, 'created', scenario);
    return scenario;
  });
}

/** A scenario by id; throws `not_found`. */
export async function readScenario(context: Context, id: string): Promise<CountedScenario> {
  return context.db.read(context, async (tx) => (await findScenario(tx, id)) ?? notFound('scenario', id));
}

/**
 * Changes the edits or the name of an open scenario, or puts it on the plan's latest snapshot (`rebase`), and counts it
 * anew. Throws `version.conflict`, `state.conflict` for one that was decided.
 */
export async function changeScenario(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  change: { name?: string | undefined; edits?: ScenarioEdit[] | undefined; rebase?: boolean | undefined },
): Promise<CountedScenario> {
  const before = await readScenario(context, id);
  const loaded = change.rebase
    ? await latestOf(context, before.planId)
    : await readNumbered(context, before.planId, before.snapshot);
  const { events, ...count } = await counted(
    context,
    loaded,
    change.edits ?? before.edits,
    await eventsOf(context, id),
  );
  return context.db.transact(context, async (tx) => {
    const locked = (await lockScenario(tx, id)) ?? notFound('scenario', id);
    if (locked.version !== (ifMatch ?? before.version)) throw new Problem('version.conflict');
    if (locked.state !== 'open')
      throw new Problem('state.conflict', { detail: `The scenario is ${locked.state.replace('_', ' ')}.` });
    const scenario: CountedScenario = {
      ...locked,
      ...count,
      name: change.name ?? locked.name,
      version: locked.version + 1,
      updatedAt: context.clock.now(),
    };
    await saveScenario(tx, scenario, events);
    await tellScenario(tx, 'changed', scenario, locked);
    return scenario;
  });
}
