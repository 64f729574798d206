import { add, amountOf, compare, type Money, subtract, zero } from '#money';
import { Problem } from '#problem';

/** What a tactic owes its customer: each column only grows, except that restated volumes take earned back. */
export interface Liability {
  earned: Money;
  settled: Money;
  released: Money;
}

/** A tactic that owes nothing yet. */
export function noLiability(currency: string): Liability {
  return { earned: zero(currency), settled: zero(currency), released: zero(currency) };
}

/** Open liability = earned − settled − released. */
export function openLiability(liability: Liability): Money {
  return subtract(subtract(liability.earned, liability.settled), liability.released);
}

/**
 * What is to accrue so that earned reaches `earnedToDate`, and the liability never ends below zero: taken back is at
 * most what is still open, and what was paid beyond is accrued.
 */
export function accrualDue(liability: Liability, earnedToDate: Money): Money {
  const due = subtract(earnedToDate, liability.earned);
  const open = openLiability(liability);
  const floor = { minor: -open.minor, currency: open.currency };
  return compare(due, floor) < 0 ? floor : due;
}

/** Adds an accrual: negative amounts take back what is open. Throws `rule.violated` below that. */
export function accrue(liability: Liability, amount: Money): Liability {
  const accrued = { ...liability, earned: add(liability.earned, amount) };
  if (amount.minor < 0n && openLiability(accrued).minor < 0n) {
    throw new Problem('rule.violated', { detail: 'An accrual cannot take back more than the open liability.' });
  }
  return accrued;
}

function requirePositive(amount: Money): void {
  if (amount.minor <= 0n) throw new Problem('rule.violated', { detail: 'The amount must be above zero.' });
}

/**
 * Settles a positive amount. Throws `rule.violated` with the open liability when it is more than that, unless the caller
 * says that paying beyond the liability is meant: then the excess is earned with it, and nothing stays open.
 */
export function settle(liability: Liability, amount: Money, options: { beyondLiability: boolean }): Liability {
  requirePositive(amount);
  const open = openLiability(liability);
  const excess = subtract(amount, open);
  if (excess.minor > 0n && !options.beyondLiability) {
    throw new Problem('rule.violated', {
      detail: `${amountOf(amount)} ${amount.currency} is more than the open liability of ${amountOf(open)}.`,
      extra: { openLiability: { amount: amountOf(open), currency: open.currency } },
    });
  }
  const earned = excess.minor > 0n ? add(liability.earned, excess) : liability.earned;
  return { ...liability, earned, settled: add(liability.settled, amount) };
}

/**
 * What is released after the claim-by date: all that is still open and that nobody asked for in time (`awaited`), or
 * nothing before or without it.
 */
export function releaseDue(
  liability: Liability,
  { claimByOn, on, awaited }: { claimByOn: string; on: string; awaited?: Money | undefined },
): Money {
  const { currency } = liability.earned;
  const unasked = subtract(openLiability(liability), awaited ?? zero(currency));
  return on >= claimByOn && unasked.minor > 0n ? unasked : zero(currency);
}

/** Releases a positive amount; throws `rule.violated` beyond the open liability. */
export function release(liability: Liability, amount: Money): Liability {
  requirePositive(amount);
  if (compare(amount, openLiability(liability)) > 0) {
    throw new Problem('rule.violated', { detail: 'No more can be released than is open.' });
  }
  return { ...liability, released: add(liability.released, amount) };
}
