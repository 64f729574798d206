import { Decimal } from '#money';
import type { FeelRun } from './feel-run.ts';
import type { FeelType } from './feel-types.ts';

/** FEEL's number: 34 significant digits, half to even, exponents of IEEE 754 decimal128 (DMN 1.5 § 10.3.2.3.1). */
export const FeelNumber: typeof Decimal = Decimal.clone({
  precision: 34,
  rounding: Decimal.ROUND_HALF_EVEN,
  maxE: 6144,
  minE: -6143,
  toExpNeg: -6176,
  toExpPos: 6144,
  defaults: true,
});

/** A day of the proleptic Gregorian calendar; years from −999,999,999 to 999,999,999. */
export interface FeelDate {
  readonly type: 'date';
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A zone: a fixed offset, or a name of the IANA database whose offset depends on the day. */
export type FeelZone = { readonly offsetSeconds: number } | { readonly name: string };

/** A time of day; local where `zone` is null. */
export interface FeelTime {
  readonly type: 'time';
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanos: number;
  readonly zone: FeelZone | null;
}

/** A day and a time of that day, whose zone is the time's. */
export interface FeelDateTime {
  readonly type: 'date and time';
  readonly date: FeelDate;
  readonly time: FeelTime;
}

/** A days and time duration, in nanoseconds. */
export interface DaysDuration {
  readonly type: 'days and time duration';
  readonly nanos: bigint;
}

/** A years and months duration, in months. */
export interface MonthsDuration {
  readonly type: 'years and months duration';
  readonly months: number;
}

/** An interval; an end that is null is open to that side (`< 5` has no low end). */
export interface FeelRange {
  readonly type: 'range';
  readonly low: FeelValue;
  readonly high: FeelValue;
  readonly lowClosed: boolean;
  readonly highClosed: boolean;
}

/** What a call hands over: values by position, or by the parameter's name. */
export type FeelArguments = { readonly positional: readonly FeelValue[] } | { readonly named: FeelContext };

/** A function: built in, written in FEEL, a knowledge model or a decision service. */
export interface FeelFunction {
  readonly type: 'function';
  /** Null where it takes what it likes (a built-in with several signatures). */
  readonly parameters: readonly { readonly name: string; readonly type: FeelType }[] | null;
  readonly result: FeelType | null;
  readonly invoke: (args: FeelArguments, run: FeelRun) => FeelValue;
}

/** Named values in order; keys are as {@link feelName} writes them. */
export type FeelContext = ReadonlyMap<string, FeelValue>;

/** Any value of FEEL. */
export type FeelValue =
  | null
  | boolean
  | string
  | Decimal
  | FeelDate
  | FeelTime
  | FeelDateTime
  | DaysDuration
  | MonthsDuration
  | FeelRange
  | FeelFunction
  | FeelContext
  | readonly FeelValue[];

/** The names of FEEL's types, as `instance of` and error messages write them. */
export type FeelTypeName =
  | 'null'
  | 'boolean'
  | 'string'
  | 'number'
  | 'list'
  | 'context'
  | 'date'
  | 'time'
  | 'date and time'
  | 'days and time duration'
  | 'years and months duration'
  | 'range'
  | 'function';

/** Whether a value is a number. */
export function isNumber(value: FeelValue): value is Decimal {
  return value instanceof FeelNumber;
}

/** Whether a value is a list. */
export function isList(value: FeelValue): value is readonly FeelValue[] {
  return Array.isArray(value);
}

/** Whether a value is a context. */
export function isContext(value: FeelValue): value is FeelContext {
  return value instanceof Map;
}

/** Whether a value is a function. */
export function isFunction(value: FeelValue): value is FeelFunction {
  return typeNameOf(value) === 'function';
}

/** The name of a value's type. */
export function typeNameOf(value: FeelValue): FeelTypeName {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (isNumber(value)) return 'number';
  if (isList(value)) return 'list';
  if (isContext(value)) return 'context';
  return value.type;
}

/** A number, or null where the result left the range of decimal128 or is none. */
export function finite(value: Decimal): Decimal | null {
  return value.isFinite() ? value : null;
}

/** Names as they were read: variables and members have the same ones over and over. */
const readNames = new Map<string, string>();
const maxReadNames = 10_000;

/** A name as scopes and contexts hold it: single spaces, none around the signs that names may contain. */
export function feelName(text: string): string {
  const known = readNames.get(text);
  if (known !== undefined) return known;
  const name = text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/ ?(\*\*|[-+*/'.]) ?/g, '$1');
  if (readNames.size >= maxReadNames) readNames.clear();
  readNames.set(text, name);
  return name;
}
