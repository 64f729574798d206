import type { PromotionPorts } from '#promotions';
import { settlementOfPromotions } from '#settlement';

/** What promotions ask of settlement. */
export const promotionPorts: PromotionPorts = { settlementOf: settlementOfPromotions };
