import type { Figure, FigureValue, Money } from '../api/shapes.ts';

/** The browser's language; some report one that Intl refuses ("en-US@posix"). */
function usableLocale(): string {
  const wanted = typeof navigator === 'undefined' ? 'en-US' : navigator.language;
  try {
    return Intl.NumberFormat.supportedLocalesOf([wanted])[0] ?? 'en-US';
  } catch {
    return 'en-US';
  }
}

const locale = usableLocale();
const minus = '\u2212';
const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, options);
  formats.set(key, made);
  return made;
}

/** Formats a decimal string exactly: Intl takes strings without going through a float. */
function write(decimal: string, options: Intl.NumberFormatOptions): string {
  return numberFormat(options)
    .format(decimal as unknown as number)
    .replace(/^-/, minus)
    .replace(/^-?(\p{Sc})/u, '$1');
}

const dash = '\u2013';

/** An amount with its currency's digits, without the currency: "−4,800.00". */
export function amountText(money: Money | null | undefined, whole = false): string {
  if (!money) return dash;
  const digits = whole
    ? 0
    : (numberFormat({ style: 'currency', currency: money.currency }).resolvedOptions().maximumFractionDigits ?? 2);
  return write(money.amount, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Money as text: "−4,800.00 USD". */
export function moneyText(money: Money | null | undefined, whole = false): string {
  return money ? `${amountText(money, whole)}\u00a0${money.currency}` : dash;
}

/** A ratio as a percentage: "-0.3077" → "−30.8 %". */
export function ratioText(ratio: string | null | undefined, digits = 1): string {
  if (ratio === null || ratio === undefined) return dash;
  return write(ratio, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A difference of two ratios in percentage points, which are not percent of either: "0.0001" → "0.01 pp". */
function pointsText(difference: string): string {
  const points = shiftedBy2(difference);
  return `${write(points, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} pp`;
}

/** A decimal times 100, exact. */
function shiftedBy2(decimal: string): string {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const digits = `${whole}${fraction.padEnd(2, '0').slice(0, 2)}`.replace(/^0+(?=\d)/, '');
  return `${decimal.startsWith('-') ? '-' : ''}${digits}.${fraction.slice(2) || '0'}`;
}

/** A volume, whole from 100 on and with one digit below. */
export function volumeText(volume: string | null | undefined, digits?: number): string {
  if (volume === null || volume === undefined) return dash;
  const shown = digits ?? (Math.abs(Number(volume)) < 100 ? 1 : 0);
  return write(volume, { minimumFractionDigits: 0, maximumFractionDigits: shown });
}

/** A plain number as text. */
export function countText(count: number): string {
  return numberFormat({}).format(count);
}

/** Whether a figure's value is below zero. */
export function isNegative(value: FigureValue | undefined): boolean {
  if (value === null || value === undefined) return false;
  const text = typeof value === 'string' ? value : value.amount;
  return text.startsWith('-') && /[1-9]/.test(text);
}

/** Any figure value as text, by its unit. */
export function figureText(value: FigureValue | undefined, unit?: Figure['unit']): string {
  if (value === null || value === undefined) return dash;
  if (typeof value !== 'string')
    return typeof value === 'object' && 'amount' in value ? moneyText(value) : String(value);
  if (unit === 'ratio' && /^-?\d/.test(value)) return ratioText(value, 2);
  if (unit === 'points' && /^-?\d/.test(value)) return pointsText(value);
  // Two decimals are an amount of money, and keep both.
  if (/^-?\d+\.\d{2}$/.test(value)) return write(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  if (/^-?\d+(\.\d+)?$/.test(value)) return volumeText(value, Math.abs(Number(value)) < 100 ? 4 : 2);
  return value;
}

const dateFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dateYearFormat = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const instantFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const clockFormat = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A business date, without the year where it goes without saying. */
export function dateText(date: string | null | undefined, year = true): string {
  if (!date) return dash;
  return (year ? dateYearFormat : dateFormat).format(new Date(`${date}T00:00:00Z`));
}

/** A range of business dates, inclusive. */
export function rangeText(from: string, to: string): string {
  return dateYearFormat.formatRange(new Date(`${from}T00:00:00Z`), new Date(`${to}T00:00:00Z`));
}

/** An instant in the person's own time zone. */
export function instantText(instant: string | null | undefined): string {
  return instant ? instantFormat.format(new Date(instant)) : dash;
}

/** The time of day of an instant. */
export function clockText(instant: string): string {
  return clockFormat.format(new Date(instant));
}

/** How far away an instant is: "in 2 h", "3 d ago". */
export function awayText(instant: string, now: number): string {
  const minutes = Math.round((Date.parse(instant) - now) / 60_000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  if (Math.abs(minutes) < 60) return format.format(minutes, 'minute');
  if (Math.abs(minutes) < 48 * 60) return format.format(Math.round(minutes / 60), 'hour');
  return format.format(Math.round(minutes / 1440), 'day');
}

/** A code like `scan_back` for reading: "Scan-back". */
export function wordsOf(code: string): string {
  const known: Record<string, string> = {
    scan_back: 'Scan-back',
    bill_back: 'Bill-back',
    off_invoice: 'Off-invoice',
    temporary_price_reduction: 'Temporary price reduction',
    co_op: 'Co-op',
  };
  const text = known[code] ?? code.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `date` moved by whole days; for placing bars only, never for fiscal arithmetic. */
export function movedBy(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Whole days from one business date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

const localDay = (at: Date) => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

/** The business date of an instant where the person is. */
export function dayOf(instant: string): string {
  return localDay(new Date(instant));
}

/** Today as a business date where the person is. */
export function today(): string {
  return localDay(new Date());
}

function scaled(decimal: string, digits: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (!match) return 0n;
  const size = BigInt((match[2] ?? '0') + (match[3] ?? '').padEnd(digits, '0').slice(0, digits));
  return match[1] ? -size : size;
}

function unscaled(value: bigint, digits: number): string {
  const size = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const sign = value < 0n ? '-' : '';
  return digits > 0 ? `${sign}${size.slice(0, -digits)}.${size.slice(-digits)}` : sign + size;
}

/** `after` − `before`, exactly; null where either is missing or the currencies differ. */
export function moneyChange(before: Money | null | undefined, after: Money | null | undefined): Money | null {
  if (!before || !after || before.currency !== after.currency) return null;
  const digits = Math.max(before.amount.split('.')[1]?.length ?? 0, after.amount.split('.')[1]?.length ?? 0);
  const change = scaled(after.amount, digits) - scaled(before.amount, digits);
  return { amount: unscaled(change, digits), currency: after.currency };
}

/** The sum of decimal strings, exact, with the digits of the longest. */
export function decimalSum(decimals: readonly string[]): string {
  const digits = Math.max(0, ...decimals.map((decimal) => decimal.split('.')[1]?.length ?? 0));
  return unscaled(
    decimals.reduce((sum, decimal) => sum + scaled(decimal, digits), 0n),
    digits,
  );
}
