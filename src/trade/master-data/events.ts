import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { recordAudit } from '#security';

/** What the module tells the house, version 1 of each. `data` holds the record as the API shows it. */
export const masterDataEvents = {
  customerCreated: 'master_data.customer.created',
  customerChanged: 'master_data.customer.changed',
  productCreated: 'master_data.product.created',
  productChanged: 'master_data.product.changed',
  priceRecorded: 'master_data.price.recorded',
  fxRateRecorded: 'master_data.fx_rate.recorded',
  calendarCreated: 'master_data.calendar.created',
  calendarChanged: 'master_data.calendar.changed',
  importRequested: 'master_data.import.requested',
  importProgressed: 'master_data.import.progressed',
  importFinished: 'master_data.import.finished',
} as const;

/** A record of this module that changes hands with the event log and the audit trail. */
interface Changed {
  type: (typeof masterDataEvents)[keyof typeof masterDataEvents];
  entityType: string;
  entityId: string;
  before?: object;
  after: object;
}

/** Writes the event and the audit entry of one change into its transaction. */
export async function recordChange(tx: TenantTx<Context>, change: Changed): Promise<void> {
  const { type, entityType, entityId, before, after } = change;
  await emit(tx, { type, subjectType: entityType, subjectId: entityId, data: { ...after } });
  await recordAudit(tx, { action: type.replace('master_data.', ''), entityType, entityId, before, after });
}
