import type { Promotion, PromotionInput, RatePer, TacticInput } from '../../api/shapes.ts';

/** The mechanics that can be planned, with what they ask for. */
export const mechanics = [
  { value: 'scan_back', label: 'Scan-back', asks: 'rate', per: 'unit' },
  { value: 'bill_back', label: 'Bill-back', asks: 'rate', per: 'case' },
  { value: 'off_invoice', label: 'Off-invoice', asks: 'rate', per: 'case' },
  { value: 'temporary_price_reduction', label: 'Temporary price reduction', asks: 'rate', per: 'unit' },
  { value: 'feature', label: 'Feature', asks: 'lump', per: 'case' },
  { value: 'display', label: 'Display', asks: 'lump', per: 'case' },
  { value: 'slotting', label: 'Slotting', asks: 'lump', per: 'case' },
  { value: 'demo', label: 'Demo', asks: 'lump', per: 'case' },
  { value: 'co_op', label: 'Co-op', asks: 'lump', per: 'case' },
] as const;

/** A tactic as it stands in the form: texts, percentages. */
export interface DraftTactic {
  key: string;
  /** The id of a stored tactic, which it keeps over changes. */
  id?: string;
  mechanic: string;
  productIds: string[];
  rate: string;
  per: RatePer;
  lumpSum: string;
  /** Percent. */
  passThrough: string;
  split: { fundId: string; percent: string }[];
}

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

/** What a mechanic asks for. */
export function mechanicOf(code: string) {
  return mechanics.find((each) => each.value === code);
}

let lastKey = 0;

/** A new tactic that continues with the products and funds of the one before. */
export function newTactic(before?: DraftTactic): DraftTactic {
  lastKey += 1;
  return {
    key: `new-${lastKey}`,
    mechanic: before ? 'display' : 'scan_back',
    productIds: before?.productIds ?? [],
    rate: '',
    per: 'unit',
    lumpSum: '',
    passThrough: '100',
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
    tactics: promotion.tactics.map((tactic) => ({
      key: tactic.id,
      id: tactic.id,
      mechanic: tactic.mechanic,
      productIds: [...tactic.productIds],
      rate: tactic.rate?.amount ?? '',
      per: tactic.rate?.per ?? mechanicOf(tactic.mechanic)?.per ?? 'case',
      lumpSum: tactic.lumpSum?.amount ?? '',
      passThrough: shifted(tactic.passThrough, 2),
      split: tactic.fundSplit.map((part) => ({ fundId: part.fundId, percent: shifted(part.share, 2) })),
    })),
  };
}

const decimal = /^\d{1,12}(\.\d{1,6})?$/;

function tacticProblems(tactic: DraftTactic, place: number): string[] {
  const name = `Tactic ${place + 1}`;
  const missing: string[] = [];
  const asks = mechanicOf(tactic.mechanic)?.asks ?? 'rate';
  if (tactic.productIds.length === 0) missing.push(`${name}: choose products`);
  if (asks === 'rate' && !decimal.test(tactic.rate)) missing.push(`${name}: enter a rate`);
  if (asks === 'lump' && !decimal.test(tactic.lumpSum)) missing.push(`${name}: enter a lump sum`);
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

function tacticInput(tactic: DraftTactic, currency: string): TacticInput {
  const asks = mechanicOf(tactic.mechanic)?.asks ?? 'rate';
  return {
    ...(tactic.id ? { id: tactic.id } : {}),
    mechanic: tactic.mechanic,
    productIds: tactic.productIds,
    fundSplit: tactic.split.map((part) => ({ fundId: part.fundId, share: shifted(part.percent, -2) })),
    ...(asks === 'rate' ? { rate: { amount: tactic.rate, currency, per: tactic.per } } : {}),
    ...(tactic.lumpSum ? { lumpSum: { amount: tactic.lumpSum, currency } } : {}),
    ...(asks === 'rate' && tactic.passThrough ? { passThrough: shifted(tactic.passThrough, -2) } : {}),
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
