import type { Figure, FigureInput } from '#figure';
import { Decimal, type Money, roundToMoney, toJson } from '#money';
import type { ScopedLine } from './term-line.ts';
import { addVolumes, measuredOf, reachTier, scaleVolumes, type TierReached, type VolumeSums } from './tier-rebate.ts';
import type { RestOfYear } from './year-end-forecast.ts';

/** The version of the formulas of terms that figures name. */
export const termsFormulaVersion = 'trade-terms/1';

/** What attainment is told. */
export interface AttainmentInput {
  line: ScopedLine;
  /** What was shipped under the line in the fiscal year so far. */
  toDate: VolumeSums;
  /** Cases until the year's end; null: not estimated. Sales follow with the mix so far. */
  rest: RestOfYear | null;
  /** What the scope took last year, in what the tiers measure; null: there was none. Growth only. */
  lastYear: Decimal | null;
  /** Where the rows are: a path of the API. */
  rows: string;
}

/** Where a tiered line stands in its fiscal year. Amounts are exact major units until they are shown. */
export interface Attainment {
  attained: TierReached | null;
  /** At the year's end; null where nothing is estimated. */
  expected: TierReached | null;
  low: TierReached | null;
  high: TierReached | null;
  /** Expected volume of the whole year; null where not estimated. */
  expectedVolume: VolumeSums | null;
  /** What the volume so far carries at the expected tier; at the attained one without an estimate. */
  accrued: Money | null;
  figures: Record<'volume' | 'expectedVolume' | 'missing' | 'rebate' | 'expectedRebate' | 'accrued', Figure>;
}

/** The year's volume when `cases` more are shipped in the mix so far; null where there is no mix yet. */
function wholeYear(toDate: VolumeSums, cases: number | null | undefined): VolumeSums | null {
  if (cases === null || cases === undefined) return null;
  if (cases === 0) return toDate;
  if (!toDate.cases.gt(0)) return null;
  return addVolumes(toDate, scaleVolumes(toDate, new Decimal(cases).div(toDate.cases)));
}

function accruedOf(
  line: ScopedLine,
  toDate: VolumeSums,
  year: VolumeSums | null,
  expected: TierReached | null,
  attained: TierReached,
): Money {
  const whole = year && measuredOf(line, year);
  const exact = expected && whole?.gt(0) ? expected.amount.times(measuredOf(line, toDate)).div(whole) : attained.amount;
  return roundToMoney(exact, line.currency);
}

const volumeText = (value: Decimal): string => value.toDecimalPlaces(6).toFixed();

/**
 * Tier attainment of a growth or volume rebate line: what its volume so far has reached and earns, what the year is
 * expected to reach, what is missing to the next tier, and what is to be accrued so far, which is the expected year's
 * rebate × volume so far / expected volume (trued up by itself as the expectation moves).
 */
export function attainment({ line, toDate, rest, lastYear, rows }: AttainmentInput): Attainment {
  const reach = (volume: VolumeSums | null) => volume && reachTier(line, volume, lastYear);
  const year = wholeYear(toDate, rest?.cases);
  const attained = reach(toDate);
  const expected = reach(year);
  const low = reach(wholeYear(toDate, rest?.low));
  const high = reach(wholeYear(toDate, rest?.high));
  const accrued = attained && accruedOf(line, toDate, year, expected, attained);
  const money = line.tiers?.measure === 'money';
  const amount = (value: Decimal | null | undefined) => (value ? toJson(roundToMoney(value, line.currency)) : null);
  const measure = (volume: VolumeSums | null) => volume && measuredOf(line, volume);
  const counted = (value: Decimal | null | undefined) => (value ? (money ? amount(value) : volumeText(value)) : null);
  const inputs: FigureInput[] = [
    {
      name: money ? 'gross sales at list so far' : 'cases so far',
      value: volumeText(measuredOf(line, toDate)),
      source: 'shipments',
    },
    {
      name: 'cases expected until the year’s end',
      value: rest?.cases.toFixed(3) ?? null,
      source: rest?.method ?? 'not estimated',
    },
    ...(rest?.beside
      ? [
          {
            name: 'the same without the account plan, not counted',
            value: rest.beside.cases.toFixed(3),
            source: rest.beside.method,
          },
        ]
      : []),
    ...(line.kind === 'growth'
      ? [{ name: 'last year', value: lastYear && volumeText(lastYear), source: 'shipments' }]
      : []),
    ...tierInputs(line),
  ];
  const figure = (
    value: Figure['value'],
    unit: Figure['unit'],
    formula: string,
    ends?: [Figure['value'], Figure['value']],
  ): Figure => ({
    ...{ value, unit, formula, formulaVersion: termsFormulaVersion, inputs, rows },
    ...(ends && ends[0] !== null && ends[1] !== null ? { low: ends[0], high: ends[1] } : {}),
    ...(unit === 'units' ? { per: 'case' as const } : {}),
  });
  const volumeUnit = money ? 'money' : 'units';
  const years = [wholeYear(toDate, rest?.low), wholeYear(toDate, rest?.high)].map(measure).map(counted);
  const method =
    line.tiers?.method === 'incremental' ? 'Σ rate × what lies in its band' : 'rate of the tier × all of it';
  return {
    ...{ attained, expected, low, high, expectedVolume: year, accrued },
    figures: {
      volume: figure(counted(measuredOf(line, toDate)), volumeUnit, 'Σ shipped under the line in the fiscal year'),
      expectedVolume: figure(counted(measure(year)), volumeUnit, 'shipped + expected until the year’s end', [
        years[0]!,
        years[1]!,
      ]),
      missing: figure(
        counted(attained?.missing),
        volumeUnit,
        'threshold of the next tier − volume so far; null on top',
      ),
      rebate: figure(amount(attained?.amount), 'money', `${method}, on the volume so far`),
      expectedRebate: figure(amount(expected?.amount), 'money', `${method}, on the expected year`, [
        amount(low?.amount),
        amount(high?.amount),
      ]),
      accrued: figure(accrued && toJson(accrued), 'money', 'expected rebate × volume so far / expected volume'),
    },
  };
}

function tierInputs({ tiers, kind, agreementCode, versionId }: ScopedLine): FigureInput[] {
  const source = `agreement ${agreementCode}, version ${versionId}`;
  const over = kind === 'growth' ? ' % over last year' : '';
  return (tiers?.steps ?? []).map(({ from, rate }) => ({
    name: `rate from ${from}${over}`,
    value: rate.toString(),
    source,
  }));
}
