import type { Money } from '../../api/shapes.ts';
import type { FullItem } from './shapes.ts';

const digitsOf = (amount: string) => amount.split('.')[1]?.length ?? 0;

/** A decimal text as a whole number of its last digit. */
export function minorOf(text: string, digits: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(digits, '0').slice(0, digits));
}

/** A whole number of last digits as a decimal text; not negative. */
export function decimalOf(minor: bigint, digits: number): string {
  const padded = minor.toString().padStart(digits + 1, '0');
  return digits === 0 ? padded : `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

/** The digits behind the point that an amount shows. */
export const shownDigits = (money: Money): number => digitsOf(money.amount);

/** The sum of amounts of one currency, exactly. */
export function sumOf(moneys: readonly Money[], currency: string): Money {
  const digits = Math.max(0, ...moneys.map(shownDigits));
  const minor = moneys.reduce((sum, { amount }) => sum + minorOf(amount, digits), 0n);
  return { amount: decimalOf(minor, digits), currency };
}

/** What of an item its matches answer for, with the tax in it in proportion; rounded down. */
export function answeredFor({ amount, tax, matches }: Pick<FullItem, 'amount' | 'tax' | 'matches'>): Money {
  const { currency } = amount;
  const digits = shownDigits(amount);
  const matchedMoney = sumOf(
    matches.map((match) => match.amount),
    currency,
  );
  const [whole, within, matched] = [amount, tax, matchedMoney].map((money) => minorOf(money.amount, digits)) as [
    ...[bigint, bigint, bigint],
  ];
  const net = whole - within;
  return { amount: decimalOf(matched >= net ? whole : (matched * whole) / net, digits), currency };
}

/** What somebody typed as an amount, with a point. */
export const plainAmount = (text: string) => text.trim().replace(',', '.');

/** Whether what somebody typed is an amount. */
export const isAmount = (text: string) => /^\d{1,12}(\.\d{1,3})?$/.test(plainAmount(text));
