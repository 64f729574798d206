/** Characters by name (HTML, § 13.5) that may stand between digits; `nbsp` and `shy` also without the semicolon. */
const named: Readonly<Record<string, string>> = {
  ...{ nbsp: ' ', ensp: ' ', emsp: ' ', thinsp: ' ', hairsp: ' ', numsp: ' ', puncsp: ' ', tab: ' ', newline: ' ' },
  ...{ shy: '\u00ad', zwj: '\u200d', zwnj: '\u200c', ndash: '-', mdash: '-', hyphen: '-', dash: '-', minus: '-' },
  ...{ middot: '·', bull: '•', period: '.', comma: ',', sol: '/', lowbar: '_', lpar: '(', rpar: ')' },
  ...{ lsqb: '[', rsqb: ']', lbrack: '[', rbrack: ']', lcub: '{', rcub: '}', lt: '<', gt: '>' },
};
const reference = /&(?:amp;)*(?:#(\d{1,7});|#x([\da-f]{1,6});|([a-z]{2,8});|(nbsp|shy))/gi;

/** A text with the characters that its references stand for, and where each UTF-16 unit of it stood; one more for the end. */
export interface Unescaped {
  text: string;
  placeOf: (index: number) => number;
}

function characterOf([, decimal, hex, name, bare]: RegExpExecArray): string | undefined {
  const code = decimal ?? hex;
  if (code === undefined) return named[(name ?? bare ?? '').toLowerCase()];
  const point = Number.parseInt(code, decimal ? 10 : 16);
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}

/** Reads character references of HTML and XML (`&nbsp;`, `&#160;`, also escaped twice); undefined where there are none. */
export function unescaped(whole: string): Unescaped | undefined {
  let text = '';
  let from = 0;
  /** Where the text after each reference begins, here and there. */
  const steps: { here: number; there: number }[] = [];
  for (const match of whole.matchAll(reference)) {
    const character = characterOf(match);
    if (character === undefined) continue;
    text += whole.slice(from, match.index);
    for (let unit = 0; unit < character.length; unit += 1) steps.push({ here: text.length + unit, there: match.index });
    text += character;
    from = match.index + match[0].length;
    steps.push({ here: text.length, there: from });
  }
  if (steps.length === 0) return undefined;
  const placeOf = (index: number) => {
    let [low, high] = [0, steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((steps[middle]?.here ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    // Of two steps at one place the later one counts.
    const step = steps[low - 1];
    return step ? step.there + (index - step.here) : index;
  };
  return { text: text + whole.slice(from), placeOf };
}
