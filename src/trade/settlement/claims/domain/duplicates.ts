import { daysBetween } from '#fiscal-calendar';
import { bareCode, differsByOne } from './reference-text.ts';

/** An item as the search for duplicates looks at it. */
export interface ComparableItem {
  id: string;
  customerId: string;
  reference: string;
  amountMinor: bigint;
  currency: string;
  takenOn: string;
}

/** Two captures further apart are no repeat of one payment. */
export const duplicateDays = 180;

/** The same number apart from marks that people add when they send a thing again: `D-77` and `D-0077-R`. */
function sameReference(a: string, b: string): boolean {
  const plain = (text: string) =>
    bareCode(text)
      .replace(/(?<=\d)(R|RE|DUP|COPY|[A-C])\d?$/, '')
      .replace(/(?<!\d)0+(?=\d)/g, '');
  return plain(a) === plain(b);
}

/** Neighbouring numbers are a series, not a slip: 1041 and 1042 are two payments. */
function slipOfTheSame(a: string, b: string): boolean {
  const [one, other] = [bareCode(a), bareCode(b)];
  if (one.length < 5 || !differsByOne(one, other)) return false;
  if (one.length !== other.length) return true;
  const apart = [...one].filter((character, at) => character !== other[at]).length;
  return apart === 2;
}

/** Why an item looks like an earlier one of the same customer, or null. Equal amounts alone prove nothing. */
export function duplicateReason(item: ComparableItem, earlier: ComparableItem): string | null {
  if (item.customerId !== earlier.customerId || item.currency !== earlier.currency) return null;
  if (Math.abs(daysBetween(earlier.takenOn, item.takenOn)) > duplicateDays) return null;
  const sameAmount = item.amountMinor === earlier.amountMinor;
  if (sameReference(item.reference, earlier.reference)) {
    return sameAmount
      ? `the same number and amount as ${earlier.reference} of ${earlier.takenOn}`
      : `the same number as ${earlier.reference} of ${earlier.takenOn}, with another amount`;
  }
  if (sameAmount && slipOfTheSame(item.reference, earlier.reference)) {
    return `the same amount as ${earlier.reference} of ${earlier.takenOn}, whose number differs by one slip`;
  }
  return null;
}
