import type { Money } from '../../api/shapes.ts';
import { moneyText, ratioText, volumeText, wordsOf } from '../../ui/format.ts';

interface Words {
  label: string;
  kind?: 'money' | 'ratio';
}

/** Variables of the processes that ship, as people call them. */
const known: Readonly<Record<string, Words>> = {
  amount: { label: 'Amount', kind: 'money' },
  spend: { label: 'Event spend', kind: 'money' },
  houseAmount: { label: 'Amount in the house’s currency' },
  houseRate: { label: 'Exchange rate to the house’s currency' },
  creditRequested: { label: 'Credit limit asked for', kind: 'money' },
  creditGranted: { label: 'Credit limit', kind: 'money' },
  netRoi: { label: 'Net ROI', kind: 'ratio' },
  margin: { label: 'Event margin', kind: 'ratio' },
  discount: { label: 'Deepest price cut', kind: 'ratio' },
};

/** What people call a variable: `creditGranted` is the credit limit, `approverOne` the “Approver one”. */
export function nameOfVariable(name: string): string {
  const spaced = name.replace(/(\p{Ll}|\d)(\p{Lu})/gu, (_all, before, after) => `${before} ${after.toLowerCase()}`);
  return known[name]?.label ?? wordsOf(spaced);
}

/** The same within a sentence: “net ROI”. */
export function variableInSentence(name: string): string {
  const words = nameOfVariable(name);
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** Whether a variable is an amount in the currency of its process. */
export const isMoneyVariable = (name: string): boolean => known[name]?.kind === 'money';

/** A plain value as people read it: money with its currency, ratios in percent. */
export function textOfVariable(name: string, value: unknown, currency: unknown): string {
  if (Array.isArray(value)) return value.map((one) => wordsOf(String(one))).join(', ');
  if (value === null || value === undefined || value === '') return 'not known';
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  if (known[name]?.kind === 'ratio') return ratioText(text);
  if (isMoneyVariable(name) && typeof currency === 'string') {
    return moneyText({ amount: text, currency } satisfies Money);
  }
  return volumeText(text, 6);
}

/** Comparisons of FEEL as words, the longer ones first. */
const comparisons: readonly [RegExp, string][] = [
  [/\s*!=\s*null\b/g, ' is known'],
  [/\s*=\s*null\b/g, ' is not known'],
  [/\s*!=\s*""/g, ' is given'],
  [/\s*!=\s*/g, ' is not '],
  [/\s*>=\s*/g, ' is at least '],
  [/\s*<=\s*/g, ' is at most '],
  [/\s*>\s*/g, ' is above '],
  [/\s*<\s*/g, ' is below '],
  [/\s*=\s*/g, ' is '],
];

/** Calls, lists, contexts and loops are read better as they stand. */
const isInvolved = (feel: string) => /[[\]{}]|\b(for|some|every|if)\b|\b(?!not\b|and\b|or\b)\w+\s*\(/.test(feel);

/** A condition in FEEL in words: `houseAmount > 200000` is “amount in the house’s currency is above 200,000”. */
export function conditionInWords(feel: string): string {
  if (isInvolved(feel)) return feel;
  let words = feel;
  for (const [pattern, text] of comparisons) words = words.replace(pattern, text);
  return words
    .replace(/\bnot\(/g, 'not (')
    .replace(/\s*\*\s*/g, ' × ')
    .replace(/\b\d+(\.\d+)?\b/g, (number) => volumeText(number, 6))
    .replace(/\b\p{Ll}+(\p{Lu}\p{Ll}*)+\b/gu, variableInSentence)
    .trim();
}
