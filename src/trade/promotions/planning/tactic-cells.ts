import type { Cells, ImportColumn } from '#master-data';
import { Decimal } from '#money';
import { mechanicRules } from '#performance';
import type { Tactic } from '../domain/promotion.ts';
import type { PromotionInput } from './promotion-terms.ts';

type TacticInput = PromotionInput['tactics'][number];

/** What one row of a sheet says of a tactic's money and dates. */
export type TacticCells = Omit<TacticInput, 'id' | 'mechanic' | 'productIds' | 'fundSplit'>;

const ratePers = ['case', 'unit', 'percent'] as const;
const percentOfs = ['list', 'invoice'] as const;
const fundingBases = ['shipments', 'consumption'] as const;
const recognitions = ['on_date', 'straight_line', 'volume_curve'] as const;
const tierMethods = ['retroactive', 'incremental'] as const;

/** Columns of a tactic's terms; which of them a mechanic takes stands in `mechanicRules`. */
export const tacticColumns: readonly ImportColumn[] = [
  { name: 'rate', required: false, description: 'Rate per rate_per; with tiers what is paid below the first' },
  { name: 'rate_per', required: false, description: ratePers.join(', ') },
  { name: 'percent_of', required: false, description: 'What a rate in percent is of: list (default) or invoice' },
  { name: 'lump_sum', required: false, description: 'Fixed amount, for each of the stores if any', total: true },
  { name: 'stores', required: false, description: 'Stores that are paid the lump sum each' },
  { name: 'recognition', required: false, description: `When a lump sum is earned: ${recognitions.join(', ')}` },
  { name: 'currency', required: false, description: 'ISO 4217 code; the house currency where absent' },
  { name: 'fx_type', required: false, description: 'Type of exchange rate where currency is not the customer’s' },
  { name: 'fx_on', required: false, description: 'Day of that rate; the first day where absent' },
  { name: 'pass_through', required: false, description: 'Share of the rate that reaches the shelf price, 0 to 1' },
  { name: 'tactic_starts_on', required: false, description: 'First day of the tactic where it is not the promotion’s' },
  { name: 'tactic_ends_on', required: false, description: 'Last day of the tactic' },
  { name: 'funding_basis', required: false, description: `Of a temporary price reduction: ${fundingBases.join(', ')}` },
  {
    name: 'redemption_rate',
    required: false,
    description: 'Of multibuy and coupon: redemptions per unit sold, 0 to 1',
  },
  { name: 'tier_method', required: false, description: `Of a volume rebate: ${tierMethods.join(', ')}` },
  { name: 'tiers', required: false, description: 'Of a volume rebate: cases:rate, as 500:1.5|1000:2' },
  { name: 'cap', required: false, description: 'Most that the tactic pays' },
  { name: 'minimum', required: false, description: 'Least that the tactic pays' },
];

/** `a:1|b:2` as pairs; the second part is null where a part has no colon. */
function readPairs(text: string): [string, string | null][] {
  return text
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const colon = part.lastIndexOf(':');
      return colon < 0 ? [part, null] : [part.slice(0, colon).trim(), part.slice(colon + 1).trim()];
    });
}

/** A fund of a sheet with its share, and the exchange rate of one in another currency. */
interface FundCell {
  code: string;
  share: string;
  fx?: { type: string; on: string | null };
}

/** `A:0.6`, or with a typed rate `A:0.6~closing`, and its day `A:0.6~closing@2026-07-06`. */
const fundPart = /^(?<code>.+):(?<share>\d{1,12}(?:\.\d{1,6})?)(?:~(?<type>.+?)(?:@(?<on>\d{4}-\d{2}-\d{2}))?)?$/;

/** The funds of a row with their shares: the whole where one stands alone. */
export function readFunds(cells: Cells): FundCell[] {
  const text = cells.text('fund_code', 1_000);
  // A single code may hold a colon of its own.
  if (!text.includes('|') && !fundPart.exec(text)?.groups?.type) return [{ code: text, share: '1' }];
  return text
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const { code = part, share, type, on } = fundPart.exec(part)?.groups ?? {};
      if (share === undefined) cells.refuse(`fund_code has no share for ${part}`);
      return { code: code.trim(), share: share ?? '0', ...(type ? { fx: { type, on: on ?? null } } : {}) };
    });
}

/** The cell that {@link readFunds} reads a split back from; `codeOf` names a fund. */
export function fundCell(split: Tactic['fundSplit'], codeOf: (fundId: string) => string): string {
  const [first] = split;
  if (split.length === 1 && first && !first.fx) return codeOf(first.fundId);
  return split
    .map(({ fundId, share, fx }) => `${codeOf(fundId)}:${share}${fx ? `~${fx.type}@${fx.on}` : ''}`)
    .join('|');
}

function readTiers(cells: Cells): TacticInput['tiers'] {
  const text = cells.optionalText('tiers', 1_000);
  if (text === null) return null;
  const number = /^\d{1,12}(\.\d{1,6})?$/;
  const steps = readPairs(text).map(([from, rate]) => {
    if (rate === null || !number.test(from) || !number.test(rate)) cells.refuse(`tiers is not cases:rate|…: ${text}`);
    return { from, rate: rate ?? '0' };
  });
  return { method: cells.oneOf('tier_method', tierMethods), steps };
}

const optional = <Word extends string>(cells: Cells, column: string, words: readonly Word[]): Word | null =>
  cells.raw(column) === '' ? null : cells.oneOf(column, words);

/** Reads the columns of {@link tacticColumns}. */
export function readTacticCells(cells: Cells, houseCurrency: string): TacticCells {
  const currency = cells.currency('currency', houseCurrency);
  const money = (column: string) => {
    const amount = cells.optionalAmount(column, currency, { zero: false });
    return amount === null ? null : { amount, currency };
  };
  const tiers = readTiers(cells);
  const rate = cells.optionalDecimal('rate', { zero: tiers !== null && tiers !== undefined });
  const percentOf = optional(cells, 'percent_of', percentOfs);
  const stores = cells.optionalDecimal('stores', { digits: 0, zero: false });
  const passThrough = cells.optionalDecimal('pass_through');
  const fxType = cells.optionalText('fx_type', 100);
  return {
    rate:
      rate === null
        ? null
        : { amount: rate, currency, per: cells.oneOf('rate_per', ratePers), ...(percentOf ? { percentOf } : {}) },
    lumpSum: money('lump_sum'),
    stores: stores === null ? null : Number(stores),
    recognition: optional(cells, 'recognition', recognitions),
    ...(passThrough === null ? {} : { passThrough }),
    startsOn: cells.optionalDate('tactic_starts_on'),
    endsOn: cells.optionalDate('tactic_ends_on'),
    fundingBasis: optional(cells, 'funding_basis', fundingBases),
    redemptionRate: cells.optionalDecimal('redemption_rate'),
    tiers,
    cap: money('cap'),
    minimum: money('minimum'),
    fx: fxType === null ? null : { type: fxType, on: cells.optionalDate('fx_on') },
  };
}

/** The cells that {@link readTacticCells} reads a tactic back from. */
export function tacticCells(tactic: Tactic, promotionCurrency: string): Record<string, string | number | null> {
  const { rate, tiers, fx } = tactic;
  return {
    ...{ rate: rate?.amount ?? null, rate_per: rate?.per ?? null, percent_of: rate?.percentOf ?? null },
    ...{ lump_sum: tactic.lumpSum, stores: tactic.stores ?? null, recognition: tactic.recognition ?? null },
    ...{ currency: fx?.from ?? promotionCurrency, fx_type: fx?.type ?? null, fx_on: fx?.on ?? null },
    pass_through: tactic.passThrough,
    ...{ tactic_starts_on: tactic.startsOn ?? null, tactic_ends_on: tactic.endsOn ?? null },
    ...{ funding_basis: tactic.fundingBasis ?? null, redemption_rate: tactic.redemptionRate ?? null },
    ...{ tier_method: tiers?.method ?? null, cap: tactic.cap ?? null, minimum: tactic.minimum ?? null },
    tiers: tiers ? tiers.steps.map(({ from, rate: paid }) => `${from}:${paid}`).join('|') : null,
  };
}

/**
 * What a tactic says, in one form: decimals without trailing zeros, no order of funds; what is not said left out. The day of
 * an exchange rate is left out too: a sheet may leave it open.
 */
export function tacticText(tactic: TacticInput): string {
  const { id: _id, fundSplit, productIds, passThrough, fx, ...terms } = tactic;
  const plain = (value: unknown): unknown => {
    if (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)) return new Decimal(value).toString();
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== 'object') return value;
    const stated = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
    return stated.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, plain(part)]);
  };
  const funds = fundSplit.map((part) => `${part.fundId} ${new Decimal(part.share)} ${part.fx?.type ?? ''}`).sort();
  const reaches = new Decimal(passThrough ?? mechanicRules[tactic.mechanic].passThrough).toString();
  return JSON.stringify([plain(terms), [...productIds].sort(), funds, reaches, fx?.type ?? null]);
}
