import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { cancelPromotion, changePromotion, type Promotion, planPromotion } from '#promotions';
import { changePlanIn } from './change-plan.ts';
import { tellScenario } from './change-scenario.ts';
import { promotionsOf, type ScenarioTerms, termsOfEdits } from './count-scenario.ts';
import { type AdoptedEdit, editedTerms, type Scenario, type ScenarioEdit } from './domain/scenario.ts';
import { readLatest, readNumbered } from './loaded-plan.ts';
import { lockPlan } from './plan-store.ts';
import {
  type CountedScenario,
  findScenario,
  lockScenario,
  markAdopted,
  readAdoption,
  saveAdoption,
} from './scenario-store.ts';

/** What is known of an edit at the moment of the decision: what the plan itself keeps is done with it. */
function decided(edit: ScenarioEdit, position: number): AdoptedEdit {
  const of = 'promotionId' in edit ? edit.promotionId : null;
  if (edit.kind === 'target' || edit.kind === 'baseline')
    return { position, state: 'done', promotionId: null, detail: 'Taken into the plan.' };
  if (edit.kind === 'include')
    return { position, state: 'done', promotionId: of, detail: 'The draft stands; it can be submitted.' };
  return { position, state: 'waiting', promotionId: of, detail: '' };
}

/** Adopts under the locks of plan and scenario; one that was adopted before is answered as it is. */
async function decide(context: Context, id: string, ifMatch: number | undefined): Promise<CountedScenario> {
  const { planId } = await context.db.read(
    context,
    async (tx) => (await findScenario(tx, id)) ?? notFound('scenario', id),
  );
  await readLatest(context, planId);
  return context.db.transact(context, async (tx) => {
    const plan = (await lockPlan(tx, planId)) ?? notFound('account plan', planId);
    const scenario = (await lockScenario(tx, id)) ?? notFound('scenario', id);
    const waiting = (await readAdoption(tx, id)).some(({ state }) => state === 'waiting');
    if (scenario.state === 'adopted' && waiting) return scenario;
    if (ifMatch !== undefined && ifMatch !== scenario.version) throw new Problem('version.conflict');
    if (scenario.state !== 'open') {
      throw new Problem('state.conflict', {
        detail: `The scenario is ${scenario.state.replace('_', ' ')}: it is adopted once.`,
      });
    }
    const notAdopted = await markAdopted(tx, scenario);
    await saveAdoption(tx, id, scenario.edits.map(decided));
    const terms = editedTerms(plan, scenario.edits);
    const changed = scenario.edits.some(({ kind }) => kind === 'target' || kind === 'baseline');
    if (changed) await changePlanIn(tx, plan, await readLatest(context, planId, tx), terms);
    const adopted = (await findScenario(tx, id)) ?? notFound('scenario', id);
    await tellScenario(tx, 'adopted', adopted, scenario, { notAdopted });
    return adopted;
  });
}

/** A code that names scenario and edit: a second attempt finds what the first one made. */
const codeOf = (scenario: Scenario, position: number): string => `SC-${scenario.id.slice(-8)}-${position + 1}`;

async function addDraft(
  context: Context,
  scenario: Scenario,
  position: number,
  terms: ScenarioTerms,
): Promise<Promotion> {
  return planPromotion(context, { ...terms.input, code: codeOf(scenario, position) });
}

async function changeDraft(context: Context, { promotion, input }: ScenarioTerms): Promise<Promotion> {
  if (!promotion) throw new Error('a change names a promotion');
  if (!context.actor.permissions.has('promotions:update')) throw new Problem('auth.forbidden');
  if (promotion.state !== 'draft') {
    throw new Problem('state.conflict', {
      detail: `${promotion.code} is ${promotion.state}: amend it, so that it is approved again.`,
    });
  }
  return changePromotion(context, promotion, promotion.version, input);
}

async function dropDraft(context: Context, scenario: Scenario, promotion: Promotion | undefined): Promise<Promotion> {
  if (!promotion) throw new Problem('state.conflict', { detail: 'The promotion is no longer in the plan.' });
  if (!context.actor.permissions.has('promotions:cancel')) throw new Problem('auth.forbidden');
  if (promotion.state !== 'draft') {
    throw new Problem('state.conflict', {
      detail: `${promotion.code} is ${promotion.state}: cancel it where it stands.`,
    });
  }
  return cancelPromotion(context, promotion.id, promotion.version, `Scenario ${scenario.name} was adopted`);
}

/** What carrying edits out needs to know. */
interface Adoption {
  scenario: Scenario;
  /** Terms by promotion, or by `add:` and the place of the edit. */
  terms: ReadonlyMap<string, ScenarioTerms>;
  year: readonly Promotion[];
  inPlan: ReadonlyMap<string, Promotion>;
}

/** Carries one waiting edit out, with what other edits say of the same promotion; answers what became of it. */
async function carryOut(
  context: Context,
  { scenario, terms, year, inPlan }: Adoption,
  position: number,
): Promise<Omit<AdoptedEdit, 'position'>> {
  const edit = scenario.edits[position];
  const done = ({ id, code }: Promotion, what: string) => ({
    state: 'done' as const,
    promotionId: id,
    detail: `${code} ${what}`,
  });
  try {
    if (edit?.kind === 'add') {
      // An earlier attempt may have ended before its draft was noted.
      const made = year.find(({ code }) => code === codeOf(scenario, position));
      const of = terms.get(`add:${position}`);
      if (!of) throw new Error('an added promotion has terms');
      return done(made ?? (await addDraft(context, scenario, position, of)), 'was created as a draft.');
    }
    if (edit?.kind === 'drop') {
      return done(await dropDraft(context, scenario, inPlan.get(edit.promotionId)), 'was cancelled.');
    }
    const of = edit && 'promotionId' in edit ? terms.get(edit.promotionId) : undefined;
    if (!of) throw new Problem('state.conflict', { detail: 'The promotion is no longer in the plan.' });
    return done(await changeDraft(context, of), 'was changed as a draft.');
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    const promotionId = edit && 'promotionId' in edit ? edit.promotionId : null;
    return { state: 'refused', promotionId, detail: error.detail };
  }
}

/**
 * Adopts a scenario, once: its targets and baselines become the plan's, its promotions drafts, one by one, each with its
 * outcome; the plan's other open scenarios are not adopted. Called again after an interruption it carries on with what
 * waits. Throws `version.conflict`, `state.conflict`.
 */
export async function adoptScenario(
  context: Context,
  id: string,
  ifMatch: number | undefined,
): Promise<{ scenario: CountedScenario; edits: AdoptedEdit[] }> {
  const scenario = await decide(context, id, ifMatch);
  const loaded = await readNumbered(context, scenario.planId, scenario.snapshot);
  const waiting = (await context.db.read(context, (tx) => readAdoption(tx, id))).filter(
    ({ state }) => state === 'waiting',
  );
  const { year, inPlan } = await promotionsOf(context, loaded);
  const live = scenario.edits.map((edit) => (!('promotionId' in edit) || inPlan.has(edit.promotionId) ? edit : null));
  const terms = new Map(termsOfEdits(live, inPlan).map((one) => [one.key, one]));
  const adoption: Adoption = { scenario, terms, year, inPlan };
  const changed = new Map<string, Omit<AdoptedEdit, 'position'>>();
  for (const { position } of waiting) {
    const edit = scenario.edits[position];
    const shared = edit && (edit.kind === 'move' || edit.kind === 'change') ? edit.promotionId : undefined;
    const outcome = (shared && changed.get(shared)) || (await carryOut(context, adoption, position));
    if (shared) changed.set(shared, outcome);
    await context.db.transact(context, (tx) => saveAdoption(tx, id, [{ position, ...outcome }]));
  }
  return context.db.read(context, async (tx) => ({
    scenario: (await findScenario(tx, id)) ?? notFound('scenario', id),
    edits: await readAdoption(tx, id),
  }));
}
