import { addDays, lastPeriodBefore } from './fiscal-weeks.ts';
import type { DemoMaker } from './maker.ts';

/** A long promotion that is paid on deliveries and by lump sum, and changes nothing on the shelf. */
export interface DemoProgramme {
  code: string;
  name: string;
  customerCode: string;
  /** A brand of the maker's own. */
  productCode: string;
  fundCode: string;
  startsOn: string;
  endsOn: string;
  /** Its tactics, as rows of the promotions file say them. */
  tactics: Record<string, string>[];
}

const weeks = 12;
const places = [
  { customerCode: 'OMN', productCode: 'CRK-MILLWRIGHT', lump: '8400.00' },
  { customerCode: 'IRW', productCode: 'JCE-ZESTWELL', lump: '6000.00' },
] as const;

/**
 * Programmes that began with the last fiscal period that is over and still run: there is something to accrue in the period
 * that waits to be closed, on any day.
 */
export function makeProgrammes({ calendar, today, customers, products }: DemoMaker): DemoProgramme[] {
  const { startsOn } = lastPeriodBefore(calendar, today);
  const named = (items: readonly { code: string; name: string }[], code: string) =>
    items.find((each) => each.code === code)?.name ?? code;
  return places.map(
    ({ customerCode, productCode, lump }, at): DemoProgramme => ({
      ...{ code: `PRG-${at + 1}`, customerCode, productCode, fundCode: `FUND-${customerCode}` },
      name: `${named(products, productCode)} growth programme, ${named(customers, customerCode)}`,
      ...{ startsOn, endsOn: addDays(startsOn, 7 * weeks - 1) },
      tactics: [
        { mechanic: 'co_op', lump_sum: lump, recognition: 'straight_line' },
        {
          ...{ mechanic: 'volume_rebate', rate: '0.5', rate_per: 'percent', pass_through: '0' },
          ...{ tier_method: 'incremental', tiers: '500:1|1500:1.5', cap: '6000.00' },
        },
      ],
    }),
  );
}
