import { sql } from '#db';
import type { Subject } from '#subjects';

/** Funds, as people look for them. */
export const fundSubject: Subject = {
  type: 'fund',
  permission: 'funds:read',
  rows: sql`select id, code, name, null as state from funds.fund`,
};
