import { add, allocate, amountOf, type Money, subtract, sum, toDecimal, zero } from '#money';
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
  | 'concede'
  | 'recover'
  | 'write_off';

/** A review is mended as long as nothing came of it. */
const reviewedStates = ['valid', 'partially_valid', 'invalid'] as const;
const reviews: readonly ItemAction[] = ['match', 'research', 'validate'];
const onlyDeductions: readonly ItemAction[] = ['dispute', 'concede', 'recover', 'write_off'];

const allowedFrom: Readonly<Record<ItemAction, readonly ItemState[]>> = {
  categorise: ['captured', 'categorised', 'needs_research'],
  match: ['categorised', 'matched', 'needs_research', ...reviewedStates],
  research: ['categorised', 'matched', ...reviewedStates],
  validate: ['matched', 'needs_research', ...reviewedStates],
  split: ['captured', 'categorised', 'needs_research'],
  settle: ['valid', 'partially_valid'],
  dispute: ['invalid', 'partially_valid'],
  concede: ['disputed'],
  recover: ['disputed'],
  write_off: ['invalid', 'partially_valid', 'disputed'],
};

/** Throws `state.conflict` where an item in `state` does not admit the action. */
export function requireAction(
  action: ItemAction,
  item: Resolutions & { kind: ItemKind; state: ItemState; splitAt: Date | null; validAmount: Money | null },
) {
  if (item.splitAt) throw new Problem('state.conflict', { detail: `This ${item.kind} was split: work on its parts.` });
  if (!allowedFrom[action].includes(item.state)) {
    throw new Problem('state.conflict', {
      detail: `A ${item.kind} that is ${item.state.replace('_', ' ')} does not allow this: ${action.replace('_', ' ')}.`,
    });
  }
  const { settled, validAmount } = item;
  // A review that followed a lost dispute says more than was settled before: nothing came of it yet.
  if (reviews.includes(action) && settled.minor > 0n && validAmount && settled.minor >= validAmount.minor) {
    throw new Problem('state.conflict', {
      detail: `${amountOf(settled)} ${settled.currency} of it is settled: its review stands.`,
    });
  }
  if (action === 'split' && openAmount(item).minor < item.amount.minor) {
    throw new Problem('state.conflict', { detail: 'Some of it is settled or came back: it is not split any more.' });
  }
  if (item.kind === 'claim' && onlyDeductions.includes(action)) {
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

/** {@link withoutTax} of what is paid on top of what was settled before: the sums of both stay those of the whole. */
export function dueWithoutTax(
  item: { amount: Money; tax: Money; settled: Money },
  due: Money,
): [net: Money, tax: Money] {
  const [netBefore, taxBefore] = withoutTax(item, item.settled);
  const [net, tax] = withoutTax(item, add(item.settled, due));
  return [subtract(net, netBefore), subtract(tax, taxBefore)];
}

/** A payment without tax over the matches of its item, exactly: each by what it answers for and did not pay yet. */
export function shareOut(net: Money, matches: readonly { amount: Money; settled: Money }[]): Money[] {
  // All of an item may be tax: then no tactic answers for it.
  if (net.minor === 0n) return matches.map(() => net);
  return allocate(
    net,
    matches.map(({ amount, settled }) => toDecimal(subtract(amount, settled))),
  );
}

/**
 * The state a review leads to: all of it is valid, some, or nothing. Throws `rule.violated` for less than was settled
 * before, or more than did not come back.
 */
export function reviewed(item: Resolutions, validAmount: Money): 'valid' | 'partially_valid' | 'invalid' {
  const { amount, settled } = item;
  const most = add(openAmount(item), settled);
  if (validAmount.minor < settled.minor || validAmount.minor > most.minor) {
    throw new Problem('rule.violated', {
      detail: `The valid amount must be between ${amountOf(settled)} and ${amountOf(most)} ${amount.currency}.`,
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
