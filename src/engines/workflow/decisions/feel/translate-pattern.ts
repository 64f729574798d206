/** Unicode blocks that XPath names and JavaScript does not; those that people use. */
const blocks: Readonly<Record<string, string>> = {
  BasicLatin: '\\u0000-\\u007F',
  'Latin-1Supplement': '\\u0080-\\u00FF',
  'LatinExtended-A': '\\u0100-\\u017F',
  'LatinExtended-B': '\\u0180-\\u024F',
  Greek: '\\u0370-\\u03FF',
  Cyrillic: '\\u0400-\\u04FF',
  Hebrew: '\\u0590-\\u05FF',
  Arabic: '\\u0600-\\u06FF',
  GeneralPunctuation: '\\u2000-\\u206F',
  CurrencySymbols: '\\u20A0-\\u20CF',
};

/** The characters of XPath's multi-character escapes, as the inside of a class. */
const classes: Readonly<Record<string, string>> = {
  s: ' \\t\\n\\r',
  d: '\\p{Nd}',
  i: '\\p{L}_:',
  c: '\\p{L}\\p{M}\\p{Nd}_:.\\-\\u00B7',
};

/** A pattern being read, from left to right. */
interface Reading {
  readonly text: string;
  at: number;
  readonly flags: string;
  /** Groups closed so far: only those may be referred to. */
  closed: number;
  /** The numbers of the groups that are open. */
  readonly open: number[];
  opened: number;
}

/**
 * A regular expression of XPath (which FEEL takes: DMN 1.5 § 10.3.4.3) as the source of one of JavaScript with flag `u`; null
 * where XPath allows no such thing.
 */
export function translatePattern(pattern: string, flags: string): string | null {
  const text = flags.includes('x') ? withoutSpace(pattern) : pattern;
  const reading: Reading = { text, at: 0, flags, closed: 0, open: [], opened: 0 };
  let out = '';
  while (reading.at < text.length) {
    const part = translateNext(reading);
    if (part === null) return null;
    out += part;
  }
  return out;
}

/** White space outside of classes, which flag `x` takes away. */
function withoutSpace(pattern: string): string {
  let depth = 0;
  let out = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!;
    if (char === '\\' && !/\s/.test(pattern[at + 1] ?? '')) {
      out += char + (pattern[at + 1] ?? '');
      at += 1;
      continue;
    }
    if (char === '[') depth += 1;
    if (char === ']') depth -= 1;
    if (depth > 0 || !/[ \t\n\r]/.test(char)) out += char;
  }
  return out;
}

function translateNext(reading: Reading): string | null {
  const char = reading.text[reading.at]!;
  if (char === '[') return translateClass(reading);
  if (char === '\\') return translateEscape(reading);
  reading.at += 1;
  if (char === '.') return reading.flags.includes('s') ? '.' : '[^\\n\\r]';
  if (char === '(') {
    // Of groups with a question mark XPath knows one: not captured.
    if (reading.text[reading.at] === '?') {
      if (reading.text[reading.at + 1] !== ':') return null;
      reading.open.push(0);
      reading.at += 2;
      return '(?:';
    }
    reading.opened += 1;
    reading.open.push(reading.opened);
  }
  if (char === ')' && (reading.open.pop() ?? 0) > 0) reading.closed += 1;
  return char;
}

/** `\p{…}`: a category as it is, a block by its characters; null where there is none such. */
function translateProperty(reading: Reading, insideClass: boolean): string | null {
  const match = /^\\([pP])\{([\w-]+)\}/.exec(reading.text.slice(reading.at, reading.at + 60));
  if (!match) return null;
  reading.at += match[0].length;
  const [whole, sign, name = ''] = match;
  if (!name.startsWith('Is')) return whole;
  const block = blocks[name.slice(2)];
  if (!block) return null;
  if (!insideClass) return `[${sign === 'P' ? '^' : ''}${block}]`;
  return sign === 'p' ? block : null;
}

function translateEscape(reading: Reading): string | null {
  const next = reading.text[reading.at + 1] ?? '';
  if (next === 'p' || next === 'P') return translateProperty(reading, false);
  const digits = /^[1-9]/.exec(next);
  if (digits) {
    const isKnown = Number(next) <= reading.closed && !reading.open.includes(Number(next));
    reading.at += 2;
    return isKnown ? `(?:\\${next})` : null;
  }
  reading.at += 2;
  const lower = next.toLowerCase();
  if (lower in classes) return `[${next === lower ? '' : '^'}${classes[lower]}]`;
  if (lower === 'w') return next === 'w' ? '[^\\p{P}\\p{Z}\\p{C}]' : '[\\p{P}\\p{Z}\\p{C}]';
  if ('nrt'.includes(next) && next !== '') return `\\${next}`;
  if (next === '-') return '-';
  return next !== '' && '\\|.?*+(){}[]^$'.includes(next) ? `\\${next}` : null;
}

/** `[a-z-[aeiou]]`: what is taken away stands before, as something that must not follow. */
function translateClass(reading: Reading): string | null {
  reading.at += 1;
  const negated = reading.text[reading.at] === '^';
  if (negated) reading.at += 1;
  let inside = '';
  while (reading.at < reading.text.length) {
    const char = reading.text[reading.at]!;
    if (char === ']') {
      reading.at += 1;
      return inside === '' ? null : `[${negated ? '^' : ''}${inside}]`;
    }
    if (char === '-' && reading.text[reading.at + 1] === '[') {
      reading.at += 1;
      const taken = translateClass(reading);
      if (taken === null || reading.text[reading.at] !== ']') return null;
      reading.at += 1;
      return `(?:(?!${taken})[${negated ? '^' : ''}${inside}])`;
    }
    const part = char === '\\' ? translateInside(reading) : char === '[' ? null : literalInside(reading, char);
    if (part === null) return null;
    inside += part;
  }
  return null;
}

function literalInside(reading: Reading, char: string): string {
  reading.at += 1;
  return char === '^' ? '\\^' : char;
}

function translateInside(reading: Reading): string | null {
  const next = reading.text[reading.at + 1] ?? '';
  if (next === 'p' || next === 'P') return translateProperty(reading, true);
  reading.at += 2;
  if (next in classes) return classes[next]!;
  if (next === 'w' || next === 'W' || next === 'S' || next === 'D') return next === 'D' ? '\\P{Nd}' : `\\${next}`;
  return next !== '' && 'nrt\\|.?*+(){}[]^$-'.includes(next) ? `\\${next}` : null;
}
