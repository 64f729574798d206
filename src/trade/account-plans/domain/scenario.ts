import type { PromotionInput } from '#promotions';
import type { BaselineChange, PlanTerms, TargetLine } from './account-plan.ts';

/** One change of a plan that a scenario tries. */
export type ScenarioEdit =
  | { kind: 'add'; promotion: PromotionInput }
  /** Counts a draft of the plan. */
  | { kind: 'include'; promotionId: string }
  | { kind: 'move'; promotionId: string; startsOn: string }
  | { kind: 'drop'; promotionId: string }
  /** Another funded rate, lump sum or part of the rate that reaches the shelf; decimal strings. */
  | {
      kind: 'change';
      promotionId: string;
      tacticId: string;
      rate?: string | undefined;
      lumpSum?: string | undefined;
      passThrough?: string | undefined;
    }
  | { kind: 'target'; period: number; line: TargetLine; amount: string | null }
  | ({ kind: 'baseline' } & BaselineChange);

/** Where a scenario is in its life: one of a snapshot is adopted, the others are then not. */
export const scenarioStates = ['open', 'adopted', 'not_adopted'] as const;

/** A plan as it might be. */
export interface Scenario {
  id: string;
  planId: string;
  /** Number of the snapshot that it edits. */
  snapshot: number;
  name: string;
  state: (typeof scenarioStates)[number];
  version: number;
  edits: ScenarioEdit[];
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
  adoptedBy: string | null;
  adoptedAt: Date | null;
}

/** What becomes of an edit when its scenario is adopted. */
export interface AdoptedEdit {
  position: number;
  state: 'waiting' | 'done' | 'refused';
  /** The draft that was made or changed. */
  promotionId: string | null;
  detail: string;
}

/** The plan's terms as the edits have them: targets replaced one by one, baseline changes added at the end. */
export function editedTerms(terms: PlanTerms, edits: readonly ScenarioEdit[]): PlanTerms {
  const targets = terms.targets.map((target) => ({ ...target }));
  const baselineChanges = [...terms.baselineChanges];
  for (const edit of edits) {
    if (edit.kind === 'baseline') {
      const { accountId, productId, percent } = edit;
      const same = (one: BaselineChange) => one.accountId === accountId && one.productId === productId;
      const known = baselineChanges.findIndex(same);
      if (known >= 0) baselineChanges.splice(known, 1);
      baselineChanges.push({ accountId, productId, percent });
    }
    if (edit.kind !== 'target') continue;
    let target = targets.find(({ period }) => period === edit.period);
    if (!target) {
      target = { period: edit.period };
      targets.push(target);
    }
    target[edit.line] = edit.amount ?? undefined;
  }
  targets.sort((a, b) => a.period - b.period);
  return { targets, baselineChanges };
}
