import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Decimal } from '#money';
import { Problem } from '#problem';
import { checkExpression, evaluateExpression } from './evaluate-expression.ts';
import { countKept, parseFeel } from './feel/parse-feel.ts';
import type { Json } from './feel-json.ts';

const now = new Date('2026-03-29T00:30:00Z');
const value = (text: string, variables: Record<string, Json> = {}) =>
  evaluateExpression(text, variables, { now }).value;
const refusal = (text: string) => {
  try {
    return JSON.stringify(value(text));
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
};

test('numbers are decimal: what is added comes out to the last digit', () => {
  assert.equal(value('0.1 + 0.2 = 0.3'), true);
  assert.equal(value('string(1 / 3)'), '0.3333333333333333333333333333333333');
  assert.equal(value('decimal(2.5, 0)'), 2);
  assert.equal(value('1 / 0'), null);
});

test('a sum of decimals is the sum, whatever the numbers', () => {
  const amount = fc.integer({ min: -1e12, max: 1e12 }).map((cents) => new Decimal(cents).div(100).toFixed(2));
  fc.assert(
    fc.property(fc.array(amount, { minLength: 1, maxLength: 20 }), (amounts) => {
      const exact = amounts.reduce((sum, text) => sum.plus(text), new Decimal(0));
      assert.equal(value(`string(sum([${amounts.join(', ')}]))`), exact.toFixed());
    }),
  );
});

test('null is an answer with a reason, not an error', () => {
  const { value: answer, notes } = evaluateExpression('1 + "a"', {}, { now });
  assert.equal(answer, null);
  assert.deepEqual(notes, ['number + string is not defined.']);
  assert.equal(value('null = null'), true);
  assert.equal(value('null > 1'), null);
  assert.equal(value('false and missing'), false);
  assert.equal(value('true and missing'), null);
  assert.equal(value('if missing then 1 else 2'), 2);
});

test('names hold spaces, signs and words of FEEL when the variables do', () => {
  assert.equal(value('spend-to-date + price in EUR', { 'spend-to-date': 2, 'price in EUR': 3 }), 5);
  assert.equal(value('plan.spend per case * 2', { plan: { 'spend per case': 4 } }), 8);
  assert.deepEqual(value('plans[a-b > 1]', { plans: [{ 'a-b': 1 }, { 'a-b': 2 }] }), [{ 'a-b': 2 }]);
  assert.equal(value('a-b', { a: 5, b: 3 }), 2);
});

test('days are counted by the calendar, and zones by their rules', () => {
  assert.equal(value('string(date("2024-02-29") + duration("P1Y"))'), '2025-02-28');
  assert.equal(value('date("2026-02-29")'), null);
  const across = '@"2026-03-29T03:00:00@Europe/Berlin" - @"2026-03-29T01:00:00@Europe/Berlin" = @"PT1H"';
  assert.equal(value(across), true);
  assert.equal(value('string(today())'), '2026-03-29');
});

test('lists, contexts, ranges and functions work together', () => {
  assert.equal(
    value('sum(for tactic in tactics[spend > 10] return tactic.spend)', {
      tactics: [{ spend: 5 }, { spend: 20 }, { spend: 30 }],
    }),
    50,
  );
  assert.equal(value('every tactic in [1, 2] satisfies tactic in (1..2]'), false);
  assert.deepEqual(value('for n in 1..5 return if n < 3 then 1 else partial[-1] + partial[-2]'), [1, 1, 2, 3, 5]);
  assert.deepEqual(value('for n in 1..3 return partial'), [[], [[]], [[], [[]]]]);
  assert.equal(value('{double: function(n: number) n * 2, result: double(n: 4)}.result'), 8);
});

test('what never ends is stopped: recursion, endless ranges, growth, and patterns that try everything', () => {
  const twice = '{grow: function(x, n) if n = 0 then x else grow(NEXT, n - 1), r: grow(START, 60)}.r';
  const endless = [
    '{f: function(n) f(n), r: f(1)}.r',
    '(function(f) f(f))(function(f) f(f))',
    'for i in 1..1000000000 return i',
    'some x in 1..100000, y in 1..100000 satisfies x = -y',
    twice.replace('NEXT', 'x + x').replace('START', '"abc"'),
    twice.replace('NEXT', 'concatenate(x, x)').replace('START', '[1]'),
    twice.replace('NEXT', '[x, x]').replace('START', '1'),
    'for i in 1..300 return [partial[-1]]',
    '{f: function(n) some x in [1] satisfies f(n), r: f(1)}.r',
    '{f: function(n) sort([1, 2, 3], function(a, b) f(a)), r: f(1)}.r',
    `matches("${'a'.repeat(40)}b", "(a+)+$")`,
    `replace("${'a'.repeat(40)}b", "(a|a)*c", "x")`,
  ];
  for (const text of endless) assert.equal(refusal(text), 'decision.exhausted', text);
});

test('what is not FEEL is refused with its place', () => {
  assert.throws(
    () => checkExpression('1 + * 2', []),
    (error: Problem) => error.code === 'decision.refused' && error.extra.at === 4,
  );
  assert.equal(refusal(`${'('.repeat(200)}1${')'.repeat(200)}`), 'decision.refused');
  assert.equal(refusal('a'.repeat(10_001)), 'decision.refused');
  assert.equal(refusal('-'.repeat(5000)), 'decision.refused');
  checkExpression('spend-to-date > 3', ['spend-to-date']);
});

test('parsed expressions are kept, but not without end', () => {
  const before = countKept();
  value('1 + 12345');
  value('1 + 12345');
  assert.equal(countKept(), before + 1);
  const first = parseFeel('1 + 54321');
  for (let n = 0; n < 8_000; n += 1) {
    checkExpression(`${n}`, []);
    if (n % 1_000 === 0) assert.equal(parseFeel('1 + 54321'), first, 'what is in use is kept');
  }
  assert.equal(countKept(), 5_000);
});

test('what takes long by its texts, patterns or powers ends as what takes many steps does', () => {
  const text = 'ab'.repeat(10_000);
  const slow = [
    'for i in 1..100000 return string length(text)',
    'for i in 1..100000 return upper case(text)',
    'for i in 1..100000 return replace(text, "a", "c")',
    'for i in 1..100000 return matches(text, "a*c")',
    'for i in 1..100000 return i ** 33.1234',
    'for i in 1..100000 return log(i) + exp(i)',
  ];
  for (const one of slow) {
    const exhausted = (error: Problem) => error.code === 'decision.exhausted';
    assert.throws(() => evaluateExpression(one, { text }, { now }), exhausted, one);
  }
  assert.equal(value('count(for i in 1..5000 return 1.05 ** i)'), 5_000);
});

test('a variable cannot reach into the machine', () => {
  const hostile = JSON.parse('{"x": {"__proto__": {"polluted": true}, "constructor": 1}}') as Record<string, Json>;
  assert.equal(value('x.constructor', hostile), 1);
  assert.equal(value('x.toString', hostile), null);
  assert.equal(value('constructor'), null);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});
