import { sql } from '#db';
import type { Subject } from '#subjects';

/** Promotions, as people look for them. */
export const promotionSubject: Subject = {
  type: 'promotion',
  permission: 'promotions:read',
  rows: sql`select id, code, name, state from promotions.promotion`,
};
