/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a JSON column gives back for `value`: undefined members gone, dates as ISO text, big integers as text. */
export function asJson(value: unknown): Json {
  const text = JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? member.toString() : member));
  return text === undefined ? null : (JSON.parse(text) as Json);
}

/** JSON text with sorted keys and no white space (RFC 8785 for the values we keep): equal values give equal texts. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}
