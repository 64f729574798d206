import { unescaped } from './character-references.ts';
import { isCardNumber, isTradeNumber } from './issuers.ts';

/** A payment card's number in a text. */
export interface CardNumber {
  /** Index of its first UTF-16 unit. */
  start: number;
  /** Index behind its last one. */
  end: number;
  /** Its last four digits: all that may be kept (PCI DSS 4.0, requirement 3.4.1). */
  lastFour: string;
}

interface Digit {
  value: string;
  start: number;
  end: number;
}
type Group = Digit[];

/** Longest and shortest number of any scheme. */
const [minDigits, maxDigits] = [12, 19];
/** More than so many characters between two digits, and they belong to two numbers. */
const maxSeparators = 3;
/** So far before and behind a number its context is read. */
const [wordsBefore, wordsBehind] = [40, 24];

/** Twelve digits not far apart: most texts have none, and are done with at the speed of a regular expression. */
const enoughDigits = /(?:\p{Nd}[^\p{Nd}\p{L}]{0,6}){12}/u;

/**
 * A UUID (RFC 9562): seven in a million of ours hold sixteen digits in fours that would pass for a card's, and bodies name
 * them by the dozen. Nobody writes a card's number so.
 */
const uuid = /(?<![\p{L}\p{Nd}])[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}(?![\p{L}\p{Nd}])/giu;

/** Characters that are there but not seen (zero-width spaces, soft hyphens). */
const invisible = /\p{Cf}/u;

/** The ways cards and forms group their digits. */
const cardShapes: ReadonlySet<string> = new Set(['4-4-4-4', '4-4-4-4-3', '4-6-5', '4-6-4', '8-8', '6-10', '6-13']);

/**
 * The payment card numbers in a text: digits of any script, with or without separators, that hold an issuer's range, length
 * and check digit, unless what stands around them says that they are something else. `label` is where the text stands (the
 * name of a field or column) and counts as context. Invoice numbers, GTINs and phone numbers pass; see the README for what
 * is weighed. Time grows with the length of the text.
 */
export function findCardNumbers(given: string, label = ''): CardNumber[] {
  const read = given.includes('&') ? unescaped(given) : undefined;
  if (!read) return cardsIn(given, label);
  const { text, placeOf } = read;
  return cardsIn(text, label).map((card) => ({ ...card, start: placeOf(card.start), end: placeOf(card.end) }));
}

function cardsIn(whole: string, label: string): CardNumber[] {
  if (whole.length < minDigits || !enoughDigits.test(whole)) return [];
  // As long as it was: places stay what they are.
  const text = whole.replace(uuid, (id) => 'x'.repeat(id.length));
  const found = foundIn(clustersOf(text, true), text, label);
  if (!invisible.test(text)) return found;
  // What cannot be seen parts groups, or nothing at all: both are looked at.
  const others = foundIn(clustersOf(text, false), text, label);
  const isNew = (card: CardNumber) => found.every(({ start, end }) => card.end <= start || card.start >= end);
  return [...found, ...others.filter(isNew)].sort((a, b) => a.start - b.start);
}

function foundIn(clusters: Iterable<Group[]>, text: string, label: string): CardNumber[] {
  const found: CardNumber[] = [];
  for (const cluster of clusters) {
    let from = 0;
    while (from < cluster.length) {
      const hit = longestFrom(cluster, from, text, label);
      if (hit) found.push(hit.card);
      from = hit ? hit.next : from + 1;
    }
  }
  return found;
}

/** Groups of digits that stand closer together than two numbers would. */
function* clustersOf(text: string, invisibleParts: boolean): Generator<Group[]> {
  let groups: Group[] = [];
  let group: Group = [];
  let separators = 0;
  let total = 0;
  const close = () => {
    if (group.length > 0) groups.push(group);
    const done = total >= minDigits ? groups : undefined;
    [groups, group, separators, total] = [[], [], 0, 0];
    return done;
  };
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) ?? 0;
    const end = at + (point > 0xffff ? 2 : 1);
    const value = digitOf(point);
    if (!invisibleParts && value === undefined && invisible.test(text.slice(at, end))) {
      at = end;
      continue;
    }
    if (value !== undefined) {
      if (separators > 0 && group.length > 0) {
        groups.push(group);
        group = [];
      }
      group.push({ value, start: at, end });
      [separators, total] = [0, total + 1];
    } else if (isSeparator(text.slice(at, end)) && separators < maxSeparators) {
      separators += 1;
    } else {
      const done = close();
      if (done) yield done;
    }
    at = end;
  }
  const last = close();
  if (last) yield last;
}

function longestFrom(cluster: Group[], from: number, text: string, label: string) {
  let digits = '';
  let best: { card: CardNumber; next: number } | undefined;
  for (let to = from; to < cluster.length; to += 1) {
    digits += cluster[to]?.map(({ value }) => value).join('') ?? '';
    if (digits.length > maxDigits) break;
    const shape = shapeOf(cluster, from, to, text);
    if (!shape || !isCardNumber(digits)) continue;
    const start = cluster[from]?.[0]?.start ?? 0;
    const end = cluster[to]?.at(-1)?.end ?? 0;
    if (suspicion(digits, shape, text, start, end, label) > 0) {
      best = { card: { start, end, lastFour: digits.slice(-4) }, next: to + 1 };
    }
  }
  return best;
}

/** How the groups from..to look: one run of digits, a card's grouping, evenly spread; undefined where no one writes a number so. */
function shapeOf(cluster: Group[], from: number, to: number, text: string): 'run' | 'card' | 'even' | undefined {
  const groups = cluster.slice(from, to + 1);
  const lengths = groups.map((group) => group.length);
  if (lengths.length === 1) return 'run';
  const isCard = cardShapes.has(lengths.join('-'));
  const [first = 0, last = 0] = [lengths[0], lengths.at(-1)];
  const even = first <= 5 && last <= first && lengths.slice(0, -1).every((length) => length === first);
  const between = gapsOf(groups, text);
  if (between.some((gap) => bracket.test(gap))) {
    // Telephone numbers stand beside each other so: only what is grouped as a card is, or in brackets all through, with
    // nothing of the same kind before or behind it.
    const whole = isCard || (even && between.every((gap) => bracket.test(gap)));
    const apart = [cluster[from - 1], cluster[to + 1]].every((group) => group?.length !== first);
    return whole && apart && !between.some((gap) => gap.includes(',')) ? 'even' : undefined;
  }
  if (isCard) return 'card';
  // Otherwise every sixteen neighbours in a list of small numbers would be tried.
  const alone = cluster[from - 1]?.length !== first && (last < first || cluster[to + 1]?.length !== first);
  return even && alone ? 'even' : undefined;
}

const bracket = /[\p{Ps}\p{Pe}<>]/u;

/** What stands between groups. */
function gapsOf(groups: readonly Group[], text: string): string[] {
  return groups.slice(1).map((group, i) => text.slice(groups[i]?.at(-1)?.end ?? 0, group[0]?.start ?? 0));
}

/** Above zero: a card's number. */
function suspicion(
  digits: string,
  shape: 'run' | 'card' | 'even',
  text: string,
  start: number,
  end: number,
  label: string,
): number {
  const before = `${label.replace(/([a-z])([A-Z])/g, '$1 $2')} ${text.slice(Math.max(0, start - wordsBefore), start)}`;
  const behind = text.slice(end, end + wordsBehind);
  let points = 1;
  if (digits.length < 14) points -= 1;
  if (shape === 'card') points += 1;
  if (paymentWords.test(before) || paymentWords.test(behind) || expiry.test(behind)) points += 2;
  if (tradeWords.test(before)) points -= 1;
  if (shape === 'run' && isTradeNumber(digits)) points -= 1;
  // INV4111…, 4111…A: the digits are part of a word.
  if (/[\p{L}_]$/u.test(before) || /^[\p{L}_]/u.test(behind)) points -= 1;
  return points;
}

const paymentWords =
  /\b(?:(?:credit|debit|payment|bank) ?cards?|cards?|visa|master ?card|maestro|amex|american express|discover|diners|jcb|union ?pay|cvv2?|cvc2?|csc|cc ?(?:no|num|number|#)|expir\w*|valid (?:thru|until)|kredit ?karten?\w*|karten?(?:nummer|nr)|carte (?:bancaire|bleue|de cr[eé]dit)|tarjeta|carta di credito)(?![\p{L}])|\bPAN\b/iu;
const expiry = /^[^\d\p{L}]{1,6}(?:exp\w*\W{0,3})?(?:0[1-9]|1[0-2])\s?[/-]\s?(?:\d{2}|20\d{2})(?!\d)/iu;
const tradeWords =
  /(?:^|[^\p{L}])(?:invoices?|inv|orders?|po|purchase|gtin|ean|upc|sscc|gln|iban|acc(?:oun)?t|refs?|references?|documents?|doc|claims?|deductions?|remittances?|checks?|cheques?|shipments?|deliver(?:y|ies)|tracking|awb|phone|tel|mobile|fax|customers?|articles?|items?|sku|batch|lot|serial|imei|isbn|vat|tax|rechnungs?\w*|bestell\w*|auftrags?\w*|lieferschein\w*|factures?|commandes?|facturas?|pedidos?|codes?|vouchers?|coupons?)(?![\p{L}])/iu;

const asciiZero = 48;
/** Zero of each script's digits (Unicode general category Nd: ten code points in a row, zero first). */
const zeros: readonly number[] = findZeros();

function findZeros(): number[] {
  const found: number[] = [];
  for (let point = 0x600; point < 0x1ffff; point += 1) {
    if (!/\p{Nd}/u.test(String.fromCodePoint(point))) continue;
    found.push(point);
    point += 9;
  }
  return found;
}

/** The ASCII digit that a code point stands for. */
function digitOf(point: number): string | undefined {
  if (point >= asciiZero && point <= asciiZero + 9) return String.fromCharCode(point);
  if (point < 0x600) return undefined;
  let [low, high] = [0, zeros.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const zero = zeros[middle] ?? 0;
    if (point < zero) high = middle - 1;
    else if (point > zero + 9) low = middle + 1;
    else return String(point - zero);
  }
  return undefined;
}

/** What people and programs put between the digits of one number; also what cannot be seen. */
function isSeparator(character: string): boolean {
  return /[\s\p{Pd}\p{Cf}\p{Ps}\p{Pe}<>.,_/|*·•'’]/u.test(character);
}
