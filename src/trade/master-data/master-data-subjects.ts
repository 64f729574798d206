import { sql } from '#db';
import type { Subject } from '#subjects';

/** Customers and products, as people look for them. */
export const masterDataSubjects: readonly Subject[] = [
  {
    type: 'customer',
    permission: 'customers:read',
    rows: sql`select id, code, name, null as state from master_data.customer`,
  },
  {
    type: 'product',
    permission: 'products:read',
    rows: sql`select id, code, name, null as state from master_data.product`,
  },
];
