export { promotionApproval } from './change-state.ts';
export { dashboardChannel } from './dashboards.ts';
export { promotionsImport } from './import-promotions.ts';
export { promotionsModule } from './module.ts';
export { planDrafts } from './plan-drafts.ts';
export { allPromotions } from './promotion-store.ts';
export { type Commitment, readCommitments } from './read-commitments.ts';
export { submitPromotion } from './submit-promotion.ts';
