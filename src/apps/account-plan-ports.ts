import type { AccountPlanPorts } from '#account-plans';
import type { EarningTactic } from '#settlement';
import { settlementPorts } from './settlement-ports.ts';

/** Earnings as settlement accrues them, all batches of them. */
const readEarnings: AccountPlanPorts['readEarnings'] = async (tx, through) => {
  const tactics: EarningTactic[] = [];
  let after: string | null = null;
  do {
    const batch = await settlementPorts.readEarnings(tx, { startsOn: through, endsOn: through }, after);
    tactics.push(...batch.tactics);
    after = batch.next;
  } while (after !== null);
  return tactics;
};

/** What account plans ask of promotions and sales. */
export const accountPlanPorts: AccountPlanPorts = { readEarnings };
