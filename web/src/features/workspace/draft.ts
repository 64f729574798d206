import type {
  Promotion,
  PromotionInput,
  RatePer,
  Recognition,
  Tactic,
  TacticInput,
} from '../../api/promotion-shapes.ts';
import { mechanicOf, takes } from './mechanics.ts';

/** A fund's share as it stands in the form; a fund in another currency bears it by a type of exchange rate. */
export interface DraftShare {
  fundId: string;
  percent: string;
  fxType?: string;
  fxOn?: string;
}

/** A tactic as it stands in the form: texts, percentages. */
export interface DraftTactic {
  key: string;
  /** The id of a stored tactic, which it keeps over changes. */
  id?: string;
  mechanic: string;
  productIds: string[];
  rate: string;
  per: RatePer;
  percentOf: 'list' | 'invoice';
  /** For each of the stores where there are any. */
  lumpSum: string;
  stores: string;
  recognition: Recognition;
  /** Percent; empty: as the mechanic has it. */
  passThrough: string;
  split: DraftShare[];
  /** Empty: the promotion's. */
  startsOn: string;
  endsOn: string;
  fundingBasis: 'shipments' | 'consumption';
  /** Percent of the units sold. */
  redemption: string;
  tierMethod: 'retroactive' | 'incremental';
  tiers: { from: string; rate: string }[];
  cap: string;
  minimum: string;
  /** Empty: the promotion's. */
  currency: string;
  fxType: string;
  fxOn: string;
}

/** What a new tactic leaves open. */
const open: Omit<DraftTactic, 'key' | 'id' | 'mechanic' | 'productIds' | 'per' | 'split' | 'tiers'> = {
  rate: '',
  percentOf: 'list',
  lumpSum: '',
  stores: '',
  recognition: 'straight_line',
  passThrough: '',
  startsOn: '',
  endsOn: '',
  fundingBasis: 'consumption',
  redemption: '',
  tierMethod: 'retroactive',
  cap: '',
  minimum: '',
  currency: '',
  fxType: '',
  fxOn: '',
};

/** A promotion as it stands in the form. */
export interface Draft {
  name: string;
  customerId: string;
  startsOn: string;
  endsOn: string;
  shipStartsOn: string;
  shipEndsOn: string;
  tactics: DraftTactic[];
}

let lastKey = 0;

/** A new tactic that continues with the products and funds of the one before. */
export function newTactic(before?: DraftTactic): DraftTactic {
  lastKey += 1;
  return {
    ...open,
    key: `new-${lastKey}`,
    mechanic: before ? 'display' : 'scan_back',
    productIds: before?.productIds ?? [],
    per: 'unit',
    tiers: [],
    split: before?.split.map((each) => ({ ...each })) ?? [],
  };
}

/** A decimal string shifted by two digits: "0.4" → "40" (exact, without floats). */
export function shifted(decimal: string, digits: number): string {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(decimal.trim());
  if (!match) return decimal;
  const whole = match[1] ?? '';
  const fraction = match[2] ?? '';
  const all = whole + fraction;
  const point = whole.length + digits;
  const padded = point <= 0 ? '0'.repeat(1 - point) + all : all.padEnd(point, '0');
  const cut = Math.max(point, 1);
  const left = padded.slice(0, cut).replace(/^0+(?=\d)/, '');
  const right = padded.slice(cut).replace(/0+$/, '');
  return right ? `${left}.${right}` : left;
}

/** A stored promotion as the form shows it. */
export function draftOf(promotion: Promotion): Draft {
  return {
    name: promotion.name,
    customerId: promotion.customerId,
    startsOn: promotion.startsOn,
    endsOn: promotion.endsOn,
    shipStartsOn: promotion.shipStartsOn ?? '',
    shipEndsOn: promotion.shipEndsOn ?? '',
    tactics: promotion.tactics.map(draftTacticOf),
  };
}

function draftTacticOf(tactic: Tactic): DraftTactic {
  const { rate, tiers, fx } = tactic;
  return {
    ...open,
    ...{ key: tactic.id, id: tactic.id, mechanic: tactic.mechanic, productIds: [...tactic.productIds] },
    ...{ rate: rate?.amount ?? '', percentOf: rate?.percentOf ?? 'list' },
    per: rate?.per ?? mechanicOf(tactic.mechanic)?.per ?? 'case',
    lumpSum: tactic.lumpSum?.amount ?? '',
    stores: tactic.stores === null ? '' : String(tactic.stores),
    recognition: tactic.recognition ?? 'straight_line',
    passThrough: shifted(tactic.passThrough, 2),
    split: tactic.fundSplit.map(({ fundId, share, fx: by }) => ({
      ...{ fundId, percent: shifted(share, 2) },
      ...(by ? { fxType: by.type, fxOn: by.on } : {}),
    })),
    ...{ startsOn: tactic.startsOn ?? '', endsOn: tactic.endsOn ?? '' },
    fundingBasis: tactic.fundingBasis ?? 'consumption',
    redemption: tactic.redemptionRate === null ? '' : shifted(tactic.redemptionRate, 2),
    ...{ tierMethod: tiers?.method ?? 'retroactive', tiers: tiers?.steps.map((step) => ({ ...step })) ?? [] },
    ...{ cap: tactic.cap?.amount ?? '', minimum: tactic.minimum?.amount ?? '' },
    ...{ currency: fx?.from ?? '', fxType: fx?.type ?? '', fxOn: fx?.on ?? '' },
  };
}

const decimal = /^\d{1,12}(\.\d{1,6})?$/;

function tacticProblems(tactic: DraftTactic, place: number): string[] {
  const name = `Tactic ${place + 1}`;
  const missing: string[] = [];
  const { mechanic } = tactic;
  const byRate = takes(mechanic, 'rate');
  if (tactic.productIds.length === 0) missing.push(`${name}: choose products`);
  if (byRate && !decimal.test(tactic.rate) && !tactic.lumpSum) missing.push(`${name}: enter a rate`);
  if (!byRate && !decimal.test(tactic.lumpSum)) missing.push(`${name}: enter a lump sum`);
  if (takes(mechanic, 'redemptionRate') && tactic.rate && !decimal.test(tactic.redemption))
    missing.push(`${name}: enter how many percent of the units are redeemed`);
  if (takes(mechanic, 'tiers') && tactic.rate && tactic.tiers.length === 0) missing.push(`${name}: add a tier`);
  if (tactic.tiers.some(({ from, rate }) => !decimal.test(from) || !decimal.test(rate)))
    missing.push(`${name}: enter the cases and the rate of each tier`);
  for (const [what, text] of [
    ['cap', tactic.cap],
    ['minimum', tactic.minimum],
    ['lump sum', tactic.lumpSum],
  ] as const) {
    if (text !== '' && !decimal.test(text)) missing.push(`${name}: the ${what} is not an amount`);
  }
  if (tactic.currency && tactic.currency.length !== 3) missing.push(`${name}: enter a currency of three letters`);
  if (tactic.split.length === 0 || tactic.split.some((part) => !part.fundId)) missing.push(`${name}: choose a fund`);
  if (tactic.split.some((part) => !decimal.test(part.percent))) missing.push(`${name}: enter each fund’s share`);
  else if (tactic.split.length > 0 && hundredths(tactic) !== 100_000_000n)
    missing.push(`${name}: fund shares must add up to 100 %`);
  if (tactic.passThrough !== '' && !decimal.test(tactic.passThrough))
    missing.push(`${name}: enter the pass-through in percent`);
  return missing;
}

/** The shares of a tactic in millionths of a percent. */
function hundredths(tactic: DraftTactic): bigint {
  return tactic.split.reduce((sum, part) => sum + BigInt(shifted(part.percent, 6).split('.')[0] ?? '0'), 0n);
}

/** What a draft still lacks before it can be calculated. */
export function missingIn(draft: Draft): string[] {
  const missing: string[] = [];
  if (!draft.customerId) missing.push('Choose a customer');
  if (!draft.startsOn || !draft.endsOn) missing.push('Enter the dates in store');
  else if (draft.endsOn < draft.startsOn) missing.push('The end lies before the start');
  if (draft.shipStartsOn && draft.shipEndsOn && draft.shipEndsOn < draft.shipStartsOn)
    missing.push('The last ship date lies before the first');
  if (draft.tactics.length === 0) missing.push('Add a tactic');
  return [...missing, ...draft.tactics.flatMap(tacticProblems)];
}

/** A tactic for the API: what its mechanic does not take is left out, whatever was typed before it was chosen. */
function tacticInput(tactic: DraftTactic, promotionCurrency: string): TacticInput {
  const { mechanic } = tactic;
  const currency = tactic.currency || promotionCurrency;
  const byRate = takes(mechanic, 'rate') && tactic.rate !== '';
  const money = (amount: string) => ({ amount, currency });
  const percent = tactic.per === 'percent' && tactic.percentOf === 'invoice' ? { percentOf: 'invoice' as const } : {};
  return {
    ...(tactic.id ? { id: tactic.id } : {}),
    mechanic,
    productIds: tactic.productIds,
    fundSplit: tactic.split.map(({ fundId, percent: part, fxType, fxOn }) => ({
      ...{ fundId, share: shifted(part, -2) },
      ...(fxType ? { fx: { type: fxType, ...(fxOn ? { on: fxOn } : {}) } } : {}),
    })),
    ...(byRate ? { rate: { ...money(tactic.rate), per: tactic.per, ...percent } } : {}),
    ...(byRate && tactic.passThrough ? { passThrough: shifted(tactic.passThrough, -2) } : {}),
    ...(byRate && takes(mechanic, 'redemptionRate') ? { redemptionRate: shifted(tactic.redemption, -2) } : {}),
    ...(byRate && takes(mechanic, 'tiers') ? { tiers: { method: tactic.tierMethod, steps: tactic.tiers } } : {}),
    ...(takes(mechanic, 'fundingBasis') && tactic.fundingBasis === 'shipments' ? { fundingBasis: 'shipments' } : {}),
    ...(tactic.lumpSum ? { lumpSum: money(tactic.lumpSum) } : {}),
    ...(tactic.lumpSum && tactic.recognition !== 'straight_line' ? { recognition: tactic.recognition } : {}),
    ...(tactic.lumpSum && takes(mechanic, 'stores') && tactic.stores ? { stores: Number(tactic.stores) } : {}),
    ...(tactic.startsOn ? { startsOn: tactic.startsOn } : {}),
    ...(tactic.endsOn ? { endsOn: tactic.endsOn } : {}),
    ...(takes(mechanic, 'cap') && tactic.cap ? { cap: money(tactic.cap) } : {}),
    ...(takes(mechanic, 'minimum') && tactic.minimum ? { minimum: money(tactic.minimum) } : {}),
    ...(currency !== promotionCurrency && tactic.fxType
      ? { fx: { type: tactic.fxType, ...(tactic.fxOn ? { on: tactic.fxOn } : {}) } }
      : {}),
  };
}

/** The body of a draft for the API; null while it lacks something. */
export function inputOf(draft: Draft, currency: string): PromotionInput | null {
  if (missingIn(draft).length > 0) return null;
  return {
    name: draft.name.trim() || 'Untitled promotion',
    customerId: draft.customerId,
    startsOn: draft.startsOn,
    endsOn: draft.endsOn,
    ...(draft.shipStartsOn ? { shipStartsOn: draft.shipStartsOn } : {}),
    ...(draft.shipEndsOn ? { shipEndsOn: draft.shipEndsOn } : {}),
    tactics: draft.tactics.map((tactic) => tacticInput(tactic, currency)),
  };
}
