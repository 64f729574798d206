import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import { masterDataEvents, recordChange } from './events.ts';
import { insertFxRate, type NewFxRate, type RecordedFxRate } from './fx-store.ts';

/** Writes a rate with its event and audit entry. */
export async function recordFxRateIn(tx: TenantTx<Context>, input: NewFxRate): Promise<RecordedFxRate> {
  const { context } = tx;
  const rate = { ...input, source: input.source ?? '', id: context.newId() };
  await insertFxRate(tx, rate);
  await recordChange(tx, {
    ...{ type: masterDataEvents.fxRateRecorded, entityType: 'fx_rate', entityId: rate.id, after: rate },
  });
  return { ...rate, recordedBy: context.actor.id, recordedAt: context.clock.now() };
}

/** Records an exchange rate beside the earlier ones. Throws `rule.violated` where both currencies are one, or it is zero. */
export async function recordFxRate(context: Context, input: NewFxRate): Promise<RecordedFxRate> {
  const refuse = (path: string, message: string): never => {
    throw new Problem('rule.violated', { detail: message, errors: [{ path, message }] });
  };
  if (input.from === input.to) refuse('to', 'An exchange rate is between two currencies.');
  if (Number(input.rate) === 0) refuse('rate', 'An exchange rate is above zero.');
  return context.db.transact(context, (tx) => recordFxRateIn(tx, input));
}
