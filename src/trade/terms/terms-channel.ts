import { z } from 'zod';
import type { Channel } from '#realtime';

/** The `terms` channel: what changes terms, or the waterfall that they are a part of. */
export const termsChannel: Channel<Record<string, never>> = {
  name: 'terms',
  permission: 'funds:read',
  filters: z.strictObject({}),
  measures: {},
  events: [
    { type: 'terms.agreement' },
    { type: 'master_data.price', permission: 'products:read' },
    { type: 'performance.shipments', permission: 'analytics:read' },
    { type: 'performance.sales.settled', permission: 'analytics:read' },
    { type: 'promotions.promotion', permission: 'promotions:read' },
    { type: 'account_plans.plan.calculated', permission: 'promotions:read' },
  ],
};
