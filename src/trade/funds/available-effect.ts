import { amountOf } from '#money';
import { notFound } from '#problem';
import type { Effect } from '#workflow';
import { readAvailable } from './checkbook-store.ts';
import { findFundsByCode } from './fund-store.ts';

/** What a fund has available now, in its own currency: as the checkbook says, behind what happened in this transaction. */
export const fundAvailable: Effect = {
  title: 'Available of a fund, in its currency',
  inputs: { fund: { type: 'string', title: 'The code of the fund', required: true } },
  answers: 'money',
  perform: async (tx, input) => {
    const code = String(input.fund);
    const [fund] = await findFundsByCode(tx, [code]);
    const available = fund && (await readAvailable(tx, [fund])).get(fund.id);
    return available ? { amount: amountOf(available), currency: available.currency } : notFound('fund', code);
  },
};
