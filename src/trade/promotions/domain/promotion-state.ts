/** Where a promotion can be in its life (domain.md, "Life cycles"). */
export const promotionStates = [
  'draft',
  'submitted',
  'approved',
  'active',
  'ended',
  'in_settlement',
  'closed',
  'rejected',
  'on_hold',
  'cancelled',
] as const;
export type PromotionState = (typeof promotionStates)[number];

/** What can happen to a promotion. `start` and `end` are time's doing, `settle` that of the books. */
export type PromotionAction =
  | 'submit'
  | 'recall'
  | 'approve'
  | 'reject'
  | 'return'
  | 'cancel'
  | 'hold'
  | 'start'
  | 'end'
  | 'settle'
  | 'close';

/** From which states an action may start, and where it leads. Resuming goes back to the state before the hold. */
const transitions: Record<PromotionAction, { from: readonly PromotionState[]; to: PromotionState }> = {
  submit: { from: ['draft'], to: 'submitted' },
  recall: { from: ['submitted'], to: 'draft' },
  approve: { from: ['submitted'], to: 'approved' },
  reject: { from: ['submitted'], to: 'rejected' },
  return: { from: ['submitted'], to: 'draft' },
  cancel: { from: ['draft', 'submitted', 'approved', 'on_hold', 'active'], to: 'cancelled' },
  hold: { from: ['approved', 'active'], to: 'on_hold' },
  start: { from: ['approved'], to: 'active' },
  end: { from: ['active', 'approved'], to: 'ended' },
  settle: { from: ['ended'], to: 'in_settlement' },
  close: { from: ['ended', 'in_settlement'], to: 'closed' },
};

/** Where an action leads from a state, or null where it may not start there. */
export function nextState(state: PromotionState, action: PromotionAction): PromotionState | null {
  const { from, to } = transitions[action];
  return from.includes(state) ? to : null;
}

/** States in which a promotion takes part in the market: what conflicts are looked for against. */
export const liveStates: readonly PromotionState[] = ['submitted', 'approved', 'active', 'on_hold'];
