import { Problem } from '#problem';
import { parseDate, parseDateTime, parseDuration, parseTime } from './feel/feel-time.ts';
import { type FeelType, resolveType, type TypeNames } from './feel/feel-types.ts';
import { FeelNumber, type FeelValue, feelName, isContext, isList, isNumber } from './feel/feel-value.ts';
import { formatValue } from './feel/format-value.ts';

/** JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const temporal: Readonly<Record<string, (text: string) => FeelValue>> = {
  date: parseDate,
  time: parseTime,
  'date and time': parseDateTime,
  'days and time duration': parseDuration,
  'years and months duration': parseDuration,
};

/**
 * JSON as a value of FEEL. A string becomes a date, time, duration or number where the type asks for one. Throws
 * `request.malformed` where it is none, or nests too deep.
 */
export function feelOf(json: Json, type: FeelType | null = null, types: TypeNames = new Map(), depth = 0): FeelValue {
  if (depth > 100) throw new Problem('request.malformed', { detail: 'Values lie over 100 levels inside each other.' });
  const resolved = type && resolveType(type, types);
  const wanted = resolved?.kind === 'limited' ? resolveType(resolved.base, types) : resolved;
  if (json === null || typeof json === 'boolean') return json;
  if (typeof json === 'number') return new FeelNumber(String(json));
  if (typeof json === 'string') return wanted?.kind === 'simple' ? fromText(json, wanted.name) : json;
  if (isArray(json)) {
    const inner = wanted?.kind === 'list' ? wanted.of : null;
    return json.map((entry) => feelOf(entry, inner, types, depth + 1));
  }
  const entries = wanted?.kind === 'context' ? wanted.entries : null;
  return new Map(
    Object.entries(json).map(([key, value]) => {
      const name = feelName(key);
      return [name, feelOf(value, entries?.get(name) ?? null, types, depth + 1)] as const;
    }),
  );
}

const isArray = (json: Json): json is readonly Json[] => Array.isArray(json);

function fromText(text: string, type: string): FeelValue {
  if (type === 'number' && /^-?\d{1,40}(\.\d{1,40})?$/.test(text)) return new FeelNumber(text);
  const parse = temporal[type];
  if (!parse) return text;
  const value = parse(text);
  if (value === null) throw new Problem('request.malformed', { detail: `"${text.slice(0, 60)}" is no ${type}.` });
  return value;
}

/**
 * A value of FEEL as JSON: numbers as JSON numbers where a reader of doubles gets the same digits back, otherwise as strings;
 * dates, times, durations, ranges and functions as `string()` writes them.
 */
export function jsonOf(value: FeelValue): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (isNumber(value)) {
    const near = value.toNumber();
    return new FeelNumber(String(near)).equals(value) ? near : value.toFixed();
  }
  if (isList(value)) return value.map(jsonOf);
  if (isContext(value)) return Object.fromEntries([...value].map(([key, inner]) => [key, jsonOf(inner)]));
  return formatValue(value);
}
