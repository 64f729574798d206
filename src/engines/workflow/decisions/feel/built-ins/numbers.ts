import { Decimal } from '#money';
import type { BuiltInTable } from '../built-in.ts';
import { type FeelRun, stepsOfSeries } from '../feel-run.ts';
import { FeelNumber, type FeelValue, finite } from '../feel-value.ts';
import { absolute } from '../time-arithmetic.ts';

const roundings = {
  up: Decimal.ROUND_UP,
  down: Decimal.ROUND_DOWN,
  'half up': Decimal.ROUND_HALF_UP,
  'half down': Decimal.ROUND_HALF_DOWN,
  'half even': Decimal.ROUND_HALF_EVEN,
  ceiling: Decimal.ROUND_CEIL,
  floor: Decimal.ROUND_FLOOR,
} as const;

/** Digits after the point, from the least that decimal128 has to the most. */
function rounded(how: keyof typeof roundings) {
  return ([n, scale = new FeelNumber(0)]: [Decimal, Decimal?], run: FeelRun): FeelValue => {
    const places = scale.trunc().toNumber();
    if (places < -6111 || places > 6176) return run.nothing(`${places} is no scale of a number.`);
    if (places >= 0) return n.toDecimalPlaces(places, roundings[how]);
    const unit = new FeelNumber(10).pow(-places);
    return finite(n.div(unit).toDecimalPlaces(0, roundings[how]).times(unit));
  };
}

/** Numbers larger than this in an exponential function are out of range anyway, and slow. */
const maxExponent = 20_000;

/** A function of one number that takes a series to compute. */
const series = (body: (args: [Decimal], run: FeelRun) => FeelValue): BuiltInTable[string][number] => [
  'number: number',
  (args: [Decimal], run) => {
    run.step(stepsOfSeries);
    return body(args, run);
  },
];

/** Functions of numbers (DMN 1.5 table 77). */
export const numberFunctions: BuiltInTable = {
  decimal: [['n: number, scale: number', rounded('half even')]],
  floor: [['n: number, scale?: number', rounded('floor')]],
  ceiling: [['n: number, scale?: number', rounded('ceiling')]],
  'round up': [['n: number, scale: number', rounded('up')]],
  'round down': [['n: number, scale: number', rounded('down')]],
  'round half up': [['n: number, scale: number', rounded('half up')]],
  'round half down': [['n: number, scale: number', rounded('half down')]],
  abs: [
    ['n: number', ([n]) => n.abs()],
    ['n: days and time duration', ([n]) => absolute(n)],
    ['n: years and months duration', ([n]) => absolute(n)],
  ],
  // The sign is the divisor's: a − b × floor(a ÷ b).
  modulo: [
    [
      'dividend: number, divisor: number',
      ([dividend, divisor], run) =>
        divisor.isZero()
          ? run.nothing('Nothing can be divided by zero.')
          : finite(dividend.minus(divisor.times(dividend.div(divisor).floor()))),
    ],
  ],
  sqrt: [series(([n], run) => (n.isNegative() && !n.isZero() ? run.nothing('It has no root.') : n.sqrt()))],
  log: [series(([n], run) => (n.gt(0) ? n.ln() : run.nothing('It has no logarithm.')))],
  exp: [series(([n], run) => (n.abs().gt(maxExponent) ? run.nothing('A result is out of range.') : finite(n.exp())))],
  odd: [['number: number', ([n]) => n.isInteger() && !n.mod(2).isZero()]],
  even: [['number: number', ([n]) => n.isInteger() && n.mod(2).isZero()]],
};
