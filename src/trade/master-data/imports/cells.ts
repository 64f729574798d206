import { isBusinessDate } from '#fiscal-calendar';
import { visibleText } from '#http';
import { currencyDigits, isCurrency } from '#money';

const decimalPattern = /^([+-]?)0*(\d{1,12})(?:\.(\d*?)0*)?$/;
const flags: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  yes: true,
  y: true,
  '0': false,
  false: false,
  no: false,
  n: false,
};

/**
 * The cells of one row by column name, trimmed. What is wrong with one is added to `reasons`, and a harmless value is
 * answered in its place, so that all faults of a row are found at once.
 */
export class Cells {
  readonly reasons: string[] = [];
  readonly #texts: Readonly<Record<string, string>>;

  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = texts;
  }

  /** The cell as it stands; empty where the column is absent. */
  raw(column: string): string {
    return this.#texts[column] ?? '';
  }

  /** Adds a reason for which the row cannot be taken. */
  refuse(reason: string): void {
    this.reasons.push(reason);
  }

  /** A text that must be there: at most `max` characters, no control characters. */
  text(column: string, max = 200): string {
    const text = this.raw(column);
    if (text === '') this.refuse(`${column} is missing`);
    else this.#printable(column, text, max);
    return text;
  }

  /** A text that may be absent. */
  optionalText(column: string, max = 200): string | null {
    const text = this.raw(column);
    if (text === '') return null;
    this.#printable(column, text, max);
    return text;
  }

  #printable(column: string, text: string, max: number): void {
    if (text.length > max) this.refuse(`${column} has more than ${max} characters`);
    else if (!visibleText.test(text)) this.refuse(`${column} holds control or invisible characters`);
  }

  /** A code of another record: like a text of at most 100 characters. */
  code(column: string): string {
    return this.text(column, 100);
  }

  /** A decimal number in canonical form (`12.5`); at most 12 digits before the point and `digits` behind it. */
  decimal(column: string, options: { digits?: number; negative?: boolean; zero?: boolean } = {}): string {
    const text = this.raw(column);
    if (text === '') {
      this.refuse(`${column} is missing`);
      return '0';
    }
    return this.#decimal(column, text, options);
  }

  /** {@link Cells.decimal} that may be absent. */
  optionalDecimal(
    column: string,
    options: { digits?: number; negative?: boolean; zero?: boolean } = {},
  ): string | null {
    const text = this.raw(column);
    return text === '' ? null : this.#decimal(column, text, options);
  }

  #decimal(column: string, text: string, options: { digits?: number; negative?: boolean; zero?: boolean }): string {
    const { digits = 6, negative = false, zero = true } = options;
    const match = decimalPattern.exec(text);
    if (!match) {
      this.refuse(`${column} is not a decimal number: ${shortened(text)}`);
      return '0';
    }
    const [, sign, whole, fraction = ''] = match as unknown as [string, string, string, string?];
    const value = fraction === '' ? whole : `${whole}.${fraction}`;
    if (fraction.length > digits) this.refuse(`${column} has more than ${digits} decimals: ${shortened(text)}`);
    else if (value === '0' && !zero) this.refuse(`${column} is zero`);
    if (sign !== '-' || value === '0') return value;
    if (!negative) this.refuse(`${column} is negative: ${shortened(text)}`);
    return `-${value}`;
  }

  /** A date that exists, `YYYY-MM-DD`. */
  date(column: string): string {
    return this.optionalDate(column) ?? (this.raw(column) === '' ? this.#missingDate(column) : '1900-01-01');
  }

  #missingDate(column: string): string {
    this.refuse(`${column} is missing`);
    return '1900-01-01';
  }

  /** A date that may be absent. */
  optionalDate(column: string): string | null {
    const text = this.raw(column);
    if (text === '') return null;
    if (isBusinessDate(text)) return text;
    this.refuse(`${column} is not a date (YYYY-MM-DD): ${shortened(text)}`);
    return null;
  }

  /** Yes or no as 1/0, true/false, yes/no, y/n; `absent` where the cell is empty. */
  flag(column: string, absent = false): boolean {
    const text = this.raw(column).toLowerCase();
    if (text === '') return absent;
    const value = Object.hasOwn(flags, text) ? flags[text] : undefined;
    if (value === undefined) this.refuse(`${column} is neither 1 nor 0: ${shortened(text)}`);
    return value ?? absent;
  }

  /** An ISO 4217 code; `absent` where the cell is empty. */
  currency(column: string, absent: string): string {
    const text = this.raw(column);
    if (text === '' || isCurrency(text)) return text || absent;
    this.refuse(`${column} is not an ISO 4217 currency: ${shortened(text)}`);
    return absent;
  }

  /** An amount in a currency with no more decimals than it has; absent where the cell is empty. */
  optionalAmount(
    column: string,
    currency: string,
    options: { negative?: boolean; zero?: boolean } = {},
  ): string | null {
    return this.optionalDecimal(column, { ...options, digits: currencyDigits(currency) });
  }

  /** One of some words. */
  oneOf<Word extends string>(column: string, words: readonly Word[]): Word {
    const text = this.raw(column);
    const word = words.find((known) => known === text);
    if (word === undefined) this.refuse(`${column} is not one of ${words.join(', ')}: ${shortened(text)}`);
    return word ?? (words[0] as Word);
  }
}

/** A cell as a reason quotes it. */
export function shortened(text: string): string {
  return text.length > 40 ? `"${text.slice(0, 40)}…"` : `"${text}"`;
}
