import type { Context } from '#context';
import { findCustomers } from '#master-data';
import { recordReasonCode } from '#settlement';
import { demoDesk } from './desk-claims.ts';
import { addDays } from './fiscal-weeks.ts';
import type { DemoMaker } from './maker.ts';

/** Days back from which on the codes mean what they mean. */
const knownDays = 730;

/** Records what the retailers' reason codes mean, as far as the maker knows them. */
export async function recordReasonCodes(context: Context, maker: DemoMaker): Promise<void> {
  const { reasonCodes } = demoDesk(maker);
  const codes = [...new Set(reasonCodes.map(({ bannerCode }) => bannerCode))];
  const banners = await context.db.read(context, (tx) => findCustomers(tx, { codes }));
  const validFrom = addDays(maker.today, -knownDays);
  for (const { bannerCode, code, category } of reasonCodes) {
    const customer = banners.find((one) => one.code === bannerCode);
    if (customer) await recordReasonCode(context, { customerId: customer.id, code, category, validFrom });
  }
}
