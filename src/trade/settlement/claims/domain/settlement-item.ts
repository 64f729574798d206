import { allocate, amountOf, type Money, subtract, sum, toDecimal, zero } from '#money';
import { Problem } from '#problem';

/** A deduction is money a customer took off a payment; a claim is money a customer asks for. */
export const itemKinds = ['deduction', 'claim'] as const;
export type ItemKind = (typeof itemKinds)[number];

/** Life cycle of a deduction (domain.md); a claim takes the same way and ends settled or invalid. */
export const itemStates = [
  'captured',
  'categorised',
  'matched',
  'needs_research',
  'valid',
  'partially_valid',
  'invalid',
  'settled',
  'disputed',
  'recovered',
  'written_off',
] as const;
export type ItemState = (typeof itemStates)[number];

/** What a person does with an item. */
export type ItemAction =
  | 'categorise'
  | 'match'
  | 'research'
  | 'validate'
  | 'split'
  | 'settle'
  | 'dispute'
  | 'recover'
  | 'write_off';

/** A review is mended as long as nothing came of it. */
const reviewedStates = ['valid', 'partially_valid', 'invalid'] as const;
const reviews: readonly ItemAction[] = ['match', 'research', 'validate'];

const allowedFrom: Readonly<Record<ItemAction, readonly ItemState[]>> = {
  categorise: ['captured', 'categorised', 'needs_research'],
  match: ['categorised', 'matched', 'needs_research', ...reviewedStates],
  research: ['categorised', 'matched', ...reviewedStates],
  validate: ['matched', 'needs_research', ...reviewedStates],
  split: ['captured', 'categorised', 'needs_research'],
  settle: ['valid', 'partially_valid'],
  dispute: ['invalid', 'partially_valid'],
  recover: ['disputed'],
  write_off: ['invalid', 'partially_valid', 'disputed'],
};

/** Throws `state.conflict` where an item in `state` does not admit the action. */
export function requireAction(
  action: ItemAction,
  item: { kind: ItemKind; state: ItemState; splitAt: Date | null; settled: Money },
) {
  if (item.splitAt) throw new Problem('state.conflict', { detail: `This ${item.kind} was split: work on its parts.` });
  if (!allowedFrom[action].includes(item.state)) {
    throw new Problem('state.conflict', {
      detail: `A ${item.kind} that is ${item.state.replace('_', ' ')} does not allow this: ${action.replace('_', ' ')}.`,
    });
  }
  if (reviews.includes(action) && item.settled.minor > 0n) {
    throw new Problem('state.conflict', {
      detail: `${amountOf(item.settled)} ${item.settled.currency} of it is settled: its review stands.`,
    });
  }
  if (item.kind === 'claim' && (action === 'dispute' || action === 'recover' || action === 'write_off')) {
    throw new Problem('state.conflict', { detail: 'Nothing was taken for a claim: refuse it as invalid instead.' });
  }
}

/** What an item's amount became: its resolutions. Open = amount − Σ resolutions. */
export interface Resolutions {
  amount: Money;
  settled: Money;
  recovered: Money;
  writtenOff: Money;
}

/** What is not resolved yet. */
export function openAmount(item: Resolutions): Money {
  const resolved = sum([item.settled, item.recovered, item.writtenOff], item.amount.currency);
  return subtract(item.amount, resolved);
}

/** An amount of an item parted into what tactics answer for and the tax in it: as in the whole, and exactly. */
export function withoutTax({ amount, tax }: { amount: Money; tax: Money }, part: Money): [net: Money, tax: Money] {
  const [net = part, within = zero(part.currency)] = allocate(part, [toDecimal(subtract(amount, tax)), toDecimal(tax)]);
  return [net, within];
}

/** The state a review leads to: all of it is valid, some, or nothing. Throws `rule.violated` outside 0..amount. */
export function reviewed(amount: Money, validAmount: Money): 'valid' | 'partially_valid' | 'invalid' {
  if (validAmount.minor < 0n || validAmount.minor > amount.minor) {
    throw new Problem('rule.violated', {
      detail: `The valid amount must be between zero and ${amountOf(amount)} ${amount.currency}.`,
      errors: [{ path: 'validAmount', message: 'is out of range' }],
    });
  }
  if (validAmount.minor === 0n) return 'invalid';
  return validAmount.minor === amount.minor ? 'valid' : 'partially_valid';
}

/** Throws `rule.violated` unless two or more parts above zero sum exactly to the whole. */
export function requireWholeSplit(whole: Money, parts: readonly Money[]): void {
  const total = sum(parts, whole.currency);
  if (parts.length >= 2 && parts.every((part) => part.minor > 0n) && total.minor === whole.minor) return;
  throw new Problem('rule.violated', {
    detail: `A split needs two or more parts above zero that sum to ${amountOf(whole)}; these sum to ${amountOf(total)}.`,
    errors: [{ path: 'parts', message: 'do not sum to the whole' }],
  });
}
