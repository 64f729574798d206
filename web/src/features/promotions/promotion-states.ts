/** The states of a promotion in the order of its life. */
export const promotionStates = [
  'draft',
  'submitted',
  'approved',
  'active',
  'ended',
  'in_settlement',
  'closed',
  'on_hold',
  'rejected',
  'cancelled',
];
