import { constantOf, isConstant, type Place, parseTestsAt } from './compile-feel.ts';
import { belongs, isRange } from './feel/compare.ts';
import { equalValues, isWithin } from './feel/compare-values.ts';
import { passes } from './feel/evaluate-feel.ts';
import type { FeelRun } from './feel/feel-run.ts';
import type { FeelNode } from './feel/feel-tree.ts';
import { type FeelRange, type FeelValue, isNumber } from './feel/feel-value.ts';
import type { Scope } from './feel/scope.ts';

/** An input, and the double nearest to it (not a number where it is none): most comparisons need no more. */
export interface CellInput {
  readonly value: FeelValue;
  readonly near: number;
}

/** An input made ready for cells. */
export function cellInput(value: FeelValue): CellInput {
  return { value, near: isNumber(value) ? value.toNumber() : Number.NaN };
}

/** Whether an input passes a cell; null where that cannot be told. */
export type CompiledCell = (input: CellInput, scope: Scope, run: FeelRun) => boolean | null;

/** A test of an input that needs nothing else. */
type Test = (input: CellInput) => boolean | null;

/** A cell made ready: comparisons with constants where it has no variables, else parsed FEEL. */
export function compileCell(text: string, place: Place): CompiledCell {
  const tests = parseTestsAt(text, place);
  if (!tests) return () => null;
  if (tests.any) return () => true;
  if (!tests.tests.every(isConstant)) return ({ value }, scope, run) => passes(value, tests, scope, run);
  const compiled = tests.tests.map(compileTest);
  const [only] = compiled;
  const any: Test = compiled.length === 1 ? only! : anyOf(compiled);
  if (!tests.negated) return any;
  return (input) => {
    const passed = any(input);
    return passed === null ? null : !passed;
  };
}

function anyOf(tests: readonly Test[]): Test {
  return (input) => {
    let result: boolean | null = false;
    for (const test of tests) {
      const passed = test(input);
      if (passed === true) return true;
      if (passed === null) result = null;
    }
    return result;
  };
}

function compileTest(node: FeelNode): Test {
  if (node.kind === 'test') {
    const end = constantOf(node.end);
    if (node.operator === '=' || node.operator === '!=') {
      const isEqual = node.operator === '=';
      return ({ value }) => {
        const equal = equalValues(value, end);
        return equal === null ? null : equal === isEqual;
      };
    }
    const constant = constantOf(node) as FeelRange | null;
    return constant === null ? () => null : within(constant);
  }
  const constant = constantOf(node);
  if (node.kind === 'range') return constant === null ? () => null : within(constant as FeelRange);
  if (typeof constant === 'string')
    return ({ value }) => (typeof value === 'string' ? value === constant : belongs(value, constant));
  return ({ value }) => belongs(value, constant);
}

/** A value within a range; numbers of which doubles already tell the order are not compared digit by digit. */
function within(range: FeelRange): Test {
  const low = isNumber(range.low) ? range.low.toNumber() : null;
  const high = isNumber(range.high) ? range.high.toNumber() : null;
  const isNumeric = (low !== null || range.low === null) && (high !== null || range.high === null);
  return ({ value, near }) => {
    if (isNumeric && !Number.isNaN(near)) {
      // Rounding to doubles keeps the order: only where it makes two equal may they still differ.
      if ((low !== null && near < low) || (high !== null && near > high)) return false;
      if ((low === null || near > low) && (high === null || near < high)) return true;
    }
    return isRange(value) ? belongs(value, range) : isWithin(value, range);
  };
}
