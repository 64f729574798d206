/** Words that say nothing about which promotion is meant. */
const emptyWords = new Set([
  'AND',
  'THE',
  'FOR',
  'OF',
  'WITH',
  'PER',
  'NO',
  'REF',
  'PO',
  'INV',
  'DEDUCTION',
  'CLAIM',
  'PROMO',
]);

/** The words of a text: upper case, letters and digits only, in their order. */
export function wordsOf(text: string): string[] {
  return text.toUpperCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** A code without its separators: `EVT-0012` → `EVT0012`. */
export function bareCode(code: string): string {
  return wordsOf(code).join('');
}

/** The words that may tell one promotion from another: three letters or more, no numbers, none that say nothing. */
export function tellingWords(text: string): string[] {
  return [...new Set(wordsOf(text).filter((word) => word.length >= 3 && !/\d/.test(word) && !emptyWords.has(word)))];
}

/** The number at a code's end without leading zeros, where it has three digits or more with them; else null. */
function endNumber(code: string): string | null {
  const digits = /\d{3,}$/.exec(code)?.[0];
  return digits ? digits.replace(/^0+(?=\d)/, '') : null;
}

/** Every text that one lost character makes of `word`, and the word itself. */
function withOneLost(word: string): string[] {
  const made = [word];
  for (let at = 0; at < word.length; at++) made.push(word.slice(0, at) + word.slice(at + 1));
  return made;
}

/** Whether two words differ by one character lost, added or changed, or by two neighbours swapped. */
export function differsByOne(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from += 1;
  const restA = a.slice(from);
  const restB = b.slice(from);
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true;
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
}

/** How a text names a code: as it is, with one slip of the pen, or by its number alone. */
export type Naming = 'exact' | 'slip' | 'number';

/** Most words of a text that are tried as codes, joined by up to {@link joinedWords}: a longer text is no reference. */
const maxWords = 60;
const joinedWords = 4;
/** Shorter codes are too easily found in anything. */
const shortestCode = 4;

/** Finds the codes that a text names, in time that does not grow with the number of codes. */
export class CodeIndex {
  readonly #exact = new Map<string, number[]>();
  readonly #lost = new Map<string, number[]>();
  readonly #numbers = new Map<string, number[]>();
  readonly #bare: string[];

  constructor(codes: readonly string[]) {
    this.#bare = codes.map(bareCode);
    codes.forEach((code, at) => {
      const number = endNumber(code);
      if (number) push(this.#numbers, number, at);
    });
    this.#bare.forEach((code, at) => {
      if (code.length < 2) return;
      push(this.#exact, code, at);
      if (code.length >= shortestCode) for (const key of withOneLost(code)) push(this.#lost, key, at);
    });
  }

  /** The codes (by their position) that a text names, and how; the best way where there are several. */
  find(text: string): Map<number, Naming> {
    const found = new Map<number, Naming>();
    const words = wordsOf(text).slice(0, maxWords);
    const spans = words.flatMap((_, from) =>
      Array.from({ length: Math.min(joinedWords, words.length - from) }, (_, more) =>
        words.slice(from, from + more + 1).join(''),
      ),
    );
    for (const span of spans) for (const at of this.#exact.get(span) ?? []) found.set(at, 'exact');
    for (const span of spans) this.#findSlips(span, found);
    for (const word of words) {
      if (!/^\d{1,9}$/.test(word)) continue;
      for (const at of this.#numbers.get(word.replace(/^0+(?=\d)/, '')) ?? []) {
        if (!found.has(at)) found.set(at, 'number');
      }
    }
    return found;
  }

  #findSlips(span: string, found: Map<number, Naming>): void {
    if (span.length < shortestCode - 1 || span.length > 40 || !/\d/.test(span) || !/\p{L}/u.test(span)) return;
    for (const key of withOneLost(span)) {
      for (const at of this.#lost.get(key) ?? []) {
        if (!found.has(at) && differsByOne(span, this.#bare[at] ?? '')) found.set(at, 'slip');
      }
    }
  }
}

function push(map: Map<string, number[]>, key: string, at: number): void {
  const known = map.get(key);
  if (!known) map.set(key, [at]);
  else if (known.at(-1) !== at) known.push(at);
}
