import { findCardNumbers } from './find-card-numbers.ts';

/** A text without its card numbers: each becomes `[card •••• 1111]`. */
export function maskCardNumbers(text: string, label = ''): string {
  let masked = '';
  let from = 0;
  for (const { start, end, lastFour } of findCardNumbers(text, label)) {
    masked += `${text.slice(from, start)}[card •••• ${lastFour}]`;
    from = end;
  }
  return from === 0 ? text : masked + text.slice(from);
}

/** Nested deeper than this nothing is looked at: no body of ours is, and the parser's own limit comes first. */
const maxDepth = 32;

/**
 * Where a JSON value first holds a card's number: the path of the member (`tactics/0/note`), or undefined. A member's name is
 * context for its text; what a member called password holds is kept as a hash only and not looked at.
 */
export function cardNumberIn(value: unknown, path: readonly string[] = []): string | undefined {
  const label = path.findLast((step) => !/^\d+$/.test(step)) ?? '';
  if (typeof value === 'string' || typeof value === 'number') {
    return findCardNumbers(String(value), label).length > 0 ? path.join('/') : undefined;
  }
  if (value === null || typeof value !== 'object' || path.length > maxDepth) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (/password$/i.test(name)) continue;
    if (findCardNumbers(name).length > 0) return [...path, name.slice(0, 4)].join('/');
    const found = cardNumberIn(member, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}
