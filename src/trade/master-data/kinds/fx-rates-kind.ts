import { fxRateOfDay, type NewFxRate } from '../fx-store.ts';
import type { ImportKind, RowOutcome } from '../imports/import-kind.ts';
import { recordFxRateIn } from '../record-fx-rate.ts';
import { makeDuplicateCheck } from './seen-codes.ts';

/** No two currencies are further apart. */
const highest = 10_000_000;
/** Digits behind the point that a rate keeps. */
const rateDigits = 10;

/** Exchange rates by type and day, recorded beside the earlier ones. */
export const fxRatesImport: ImportKind<NewFxRate> = {
  kind: 'fx_rates',
  summary: 'Exchange rates by type, currencies and day',
  permission: 'funds:write',
  columns: [
    { name: 'type', required: true, description: 'What the rate is for, in your words: plan, closing, average' },
    { name: 'from_currency', required: true, description: 'ISO 4217 code' },
    { name: 'to_currency', required: true, description: 'ISO 4217 code' },
    { name: 'valid_on', required: true, description: 'First day (YYYY-MM-DD); it holds until a later one' },
    { name: 'rate', required: true, description: 'How much of to_currency one unit of from_currency is' },
    { name: 'source', required: false, description: 'Where it was taken from: a central bank, a provider, the plan' },
  ],
  batchRows: 200,
  open: async () => {
    const checkDuplicate = makeDuplicateCheck('type, currencies and day');
    return {
      check: (cells) => {
        for (const column of ['from_currency', 'to_currency']) {
          if (cells.raw(column) === '') cells.refuse(`${column} is missing`);
        }
        const row = {
          type: cells.code('type'),
          from: cells.currency('from_currency', ''),
          to: cells.currency('to_currency', ''),
          on: cells.date('valid_on'),
          rate: cells.decimal('rate', { zero: false, digits: rateDigits }),
          source: cells.optionalText('source') ?? '',
        };
        if (Number(row.rate) >= highest) cells.refuse(`rate is above ${highest}`);
        if (row.from === row.to) cells.refuse('from_currency and to_currency are the same');
        checkDuplicate(cells, [row.type, row.from, row.to, row.on].join('\n'));
        return row;
      },
      apply: async (tx, rows) => {
        const outcomes: RowOutcome[] = [];
        for (const { value } of rows) {
          const same = (await fxRateOfDay(tx, value))?.rate === value.rate;
          if (!same) await recordFxRateIn(tx, value);
          outcomes.push(same ? 'unchanged' : 'stored');
        }
        return outcomes;
      },
    };
  },
};
