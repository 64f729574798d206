import type { Permission } from '#module';
import { compare, fromMinor, type Money, money } from '#money';
import { limitOf, limitsOf, type Member } from '#security';
import type { Value } from './instances/instance-state.ts';

/** The most that somebody may decide by a right in a currency: null unlimited, undefined nothing. */
export function limitFor(person: Member, right: Permission, currency: string): Money | null | undefined {
  return limitOf(limitsOf(person), [right, 'promotions:approve'], currency);
}

/**
 * Whether a limit covers an amount, whichever its sign; one in another currency never does. Null: nobody knows the
 * amount, which only who may decide any covers.
 */
export function covers(limit: Money | null | undefined, amount: Money | null): boolean {
  if (!limit || !amount) return limit === null;
  const size = amount.minor < 0n ? fromMinor(-amount.minor, amount.currency) : amount;
  return limit.currency === size.currency && compare(limit, size) >= 0;
}

/**
 * Money in a variable: a decimal string in the instance's currency, or `{amount, currency}`; null where there is none. Throws
 * `request.malformed` for what is no amount.
 */
export function moneyIn(value: Value | undefined, currency: string): Money | null {
  if (typeof value === 'string' && value !== '') return money(value, currency);
  if (typeof value === 'number') return money(String(value), currency);
  if (typeof value !== 'object' || value === null || !('amount' in value)) return null;
  return money(String(value.amount), typeof value.currency === 'string' ? value.currency : currency);
}
