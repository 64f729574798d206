import { type BuiltInTable, buildTable } from '../built-in.ts';
import { makeRange } from '../compare.ts';
import { compareValues } from '../compare-values.ts';
import type { FeelRun } from '../feel-run.ts';
import type { FeelNode } from '../feel-tree.ts';
import { type FeelRange, type FeelValue, typeNameOf } from '../feel-value.ts';
import { parseFeel } from '../parse-feel.ts';
import { timeFunctions } from './times.ts';

const rangeOf = (value: FeelValue): FeelRange =>
  typeNameOf(value) === 'range'
    ? (value as FeelRange)
    : { type: 'range', low: value, high: value, lowClosed: true, highClosed: true };

type Relation = (a: FeelRange, b: FeelRange, order: Order) => boolean;
/** Of two ends; throws {@link Incomparable}. */
type Order = (a: FeelValue, b: FeelValue) => -1 | 0 | 1;

class Incomparable extends Error {}

const order: Order = (a, b) => {
  const found = compareValues(a, b);
  if (found === null) throw new Incomparable();
  return found;
};

/** Whether a ends before b begins. */
const isBefore: Relation = (a, b, at) =>
  at(a.high, b.low) < 0 || (at(a.high, b.low) === 0 && !(a.highClosed && b.lowClosed));

const startsTogether: Relation = (a, b, at) => at(a.low, b.low) === 0 && a.lowClosed === b.lowClosed;
const endsTogether: Relation = (a, b, at) => at(a.high, b.high) === 0 && a.highClosed === b.highClosed;
/** Whether b begins no later than a. */
const beginsBy: Relation = (a, b, at) =>
  at(b.low, a.low) < 0 || (at(b.low, a.low) === 0 && (b.lowClosed || !a.lowClosed));
/** Whether b ends no earlier than a. */
const lastsTo: Relation = (a, b, at) =>
  at(b.high, a.high) > 0 || (at(b.high, a.high) === 0 && (b.highClosed || !a.highClosed));
const isInside: Relation = (a, b, at) => beginsBy(a, b, at) && lastsTo(a, b, at);
const overlap: Relation = (a, b, at) => !isBefore(a, b, at) && !isBefore(b, a, at);
const startsLater: Relation = (a, b, at) =>
  at(a.low, b.low) > 0 || (at(a.low, b.low) === 0 && b.lowClosed && !a.lowClosed);
const overlapsBefore: Relation = (a, b, at) => startsLater(b, a, at) && !isBefore(a, b, at) && lastsTo(a, b, at);
const meets: Relation = (a, b, at) => at(a.high, b.low) === 0 && a.highClosed && b.lowClosed;

const isRange = (value: FeelValue) => typeNameOf(value) === 'range';

/** A relation of two, each a range or a point; `accepts` says of which is which that it makes sense. */
function relation(names: string, holds: Relation, accepts: (a: boolean, b: boolean) => boolean): BuiltInTable[string] {
  return names.split('|').map((pair) => [
    pair,
    ([a, b]: [FeelValue, FeelValue], run: FeelRun) => {
      if (a === null || b === null || !accepts(isRange(a), isRange(b))) return run.nothing('They are no such ranges.');
      try {
        return holds(rangeOf(a), rangeOf(b), order);
      } catch (error) {
        if (!(error instanceof Incomparable)) throw error;
        return run.nothing('They cannot be compared.');
      }
    },
  ]);
}

const always = () => true;
const both = (a: boolean, b: boolean) => a && b;
const firstRange = (a: boolean) => a;
const secondRange = (_: boolean, b: boolean) => b;
const anyNames = 'point1: Any, point2: Any|point: Any, range: Any|range: Any, point: Any|range1: Any, range2: Any';
const rangeNames = 'range1: Any, range2: Any';

const constructors = buildTable(timeFunctions);

/** The ends of a range in a text are literals, or a date, time or duration made from one. */
function endOf(node: FeelNode, run: FeelRun): FeelValue {
  if (node.kind === 'literal') return node.value;
  if (node.kind !== 'call' || node.of.kind !== 'name' || !node.positional.every(({ kind }) => kind === 'literal'))
    return null;
  const make = ['date', 'time', 'date and time', 'duration'].includes(node.of.name) && constructors.get(node.of.name);
  const args = node.positional.map((arg) => (arg.kind === 'literal' ? arg.value : null));
  return make ? make.invoke({ positional: args }, run) : null;
}

function parseRange(text: string, run: FeelRun): FeelValue {
  let node: FeelNode;
  try {
    node = parseFeel(text.trim());
  } catch {
    // What cannot be read is no range: the answer is null, and says so.
    return run.nothing(`"${text.slice(0, 60)}" is no range.`);
  }
  if (node.kind !== 'range') return run.nothing(`"${text.slice(0, 60)}" is no range.`);
  return makeRange(endOf(node.low, run), endOf(node.high, run), node, run);
}

/** Functions of ranges (DMN 1.5 table 78). */
export const rangeFunctions: BuiltInTable = {
  range: [['from: string', ([from], run) => parseRange(from, run)]],
  before: relation(anyNames, isBefore, always),
  after: relation(anyNames, (a, b, at) => isBefore(b, a, at), always),
  meets: relation(rangeNames, meets, both),
  'met by': relation(rangeNames, (a, b, at) => meets(b, a, at), both),
  overlaps: relation(rangeNames, overlap, both),
  'overlaps before': relation(rangeNames, overlapsBefore, both),
  'overlaps after': relation(rangeNames, (a, b, at) => overlapsBefore(b, a, at), both),
  finishes: relation(
    'point: Any, range: Any|range1: Any, range2: Any',
    (a, b, at) => endsTogether(a, b, at) && isInside(a, b, at),
    secondRange,
  ),
  'finished by': relation(
    'range: Any, point: Any|range1: Any, range2: Any',
    (a, b, at) => endsTogether(a, b, at) && isInside(b, a, at),
    firstRange,
  ),
  includes: relation('range: Any, point: Any|range1: Any, range2: Any', (a, b, at) => isInside(b, a, at), firstRange),
  during: relation('point: Any, range: Any|range1: Any, range2: Any', (a, b, at) => isInside(a, b, at), secondRange),
  starts: relation(
    'point: Any, range: Any|range1: Any, range2: Any',
    (a, b, at) => startsTogether(a, b, at) && isInside(a, b, at),
    secondRange,
  ),
  'started by': relation(
    'range: Any, point: Any|range1: Any, range2: Any',
    (a, b, at) => startsTogether(a, b, at) && isInside(b, a, at),
    firstRange,
  ),
  coincides: relation(
    'point1: Any, point2: Any|range1: Any, range2: Any',
    (a, b, at) => startsTogether(a, b, at) && endsTogether(a, b, at),
    (a, b) => a === b,
  ),
};
