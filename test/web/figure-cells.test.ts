import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { modules } from '../../src/apps/modules.ts';

// The modules read the browser's language when they load; here it is fixed, whatever this machine speaks.
Object.defineProperty(globalThis, 'navigator', { value: { language: 'en-US' }, configurable: true });
const { figureOfCell, filled, placeIn, sumOver } = await import('../../web/src/ui/figure-cells.ts');
const { figureText } = await import('../../web/src/ui/format.ts');

const features = fileURLToPath(new URL('../../web/src/features', import.meta.url));
const explained = Object.assign({}, ...modules.map(({ cells }) => cells ?? {})) as Record<string, object>;

/** The cells that screens name, `${…}` in a name standing for any one. */
function namedOnScreens(): RegExp[] {
  const files = readdirSync(features, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));
  const text = files.map((file) => readFileSync(join(features, file), 'utf8')).join('\n');
  const attributes = [...text.matchAll(/\bof=(?:"[^"]*"|\{(?:[^{}]|\{[^{}]*\})*\})/g)].map(([attribute]) => attribute);
  const names = attributes.flatMap((attribute) =>
    [...attribute.matchAll(/["'`]([a-zA-Z]+\.[^"'`]+)["'`]/g)].map((match) => match[1]!),
  );
  return [...new Set(names)].map(
    (name) => new RegExp(`^${name.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '\\w+')}$`),
  );
}

test('every cell that a screen names is explained by a module, and no explanation is left over', () => {
  const named = namedOnScreens();
  const names = Object.keys(explained);
  assert.ok(named.length > 40, `${named.length} cells on screens`);
  const strangers = named.filter((pattern) => !names.some((name) => pattern.test(name)));
  assert.deepEqual(strangers.map(String), []);
  const unused = names.filter((name) => !named.some((pattern) => pattern.test(name)));
  assert.deepEqual(unused, []);
});

test('an address is filled from its row: a part of the path must be there, a member of the query may be missing', () => {
  const row = { id: 'a/b', summary: { at: 3 }, none: null, steps: [{ rows: '/api/v1/x?y=1' }] };
  assert.equal(filled('/api/v1/f/{id}?at={summary.at}#/figures/x', row), '/api/v1/f/a%2Fb?at=3#/figures/x');
  assert.equal(filled('/api/v1/f?a={none}&b={id}', row), '/api/v1/f?b=a%2Fb');
  assert.equal(filled('/api/v1/f?a={none}', row), '/api/v1/f');
  assert.equal(filled('/api/v1/f/{none}', row), undefined);
  assert.equal(filled('{steps.0.rows}?at={summary.at}', row), '/api/v1/x?y=1&at=3');
});

test('a cell is a figure with its column’s formula and its row’s values', () => {
  const formula = {
    ...({ unit: 'money', formula: 'a − b', formulaVersion: 'x/1', rows: '/api/v1/rows/{id}', sumOf: 'c' } as const),
    inputs: [{ name: 'a', field: 'of.a', source: 'plan', figure: '/api/v1/figure/{id}' }],
  };
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  assert.deepEqual(figureOfCell(formula, { id: '7', of: { a: usd('2.00') } }, usd('1.00')), {
    ...{ unit: 'money', formula: 'a − b', formulaVersion: 'x/1', sumOf: 'c', value: usd('1.00') },
    inputs: [{ name: 'a', source: 'plan', value: usd('2.00'), figure: '/api/v1/figure/7' }],
    rows: '/api/v1/rows/7',
  });
  assert.equal(figureOfCell(formula, {}, usd('1.00')).rows, undefined);
});

test('what a figure is the sum of is summed exactly, and only in its currency', () => {
  const rows = [{ spend: { amount: '0.10', currency: 'USD' } }, { spend: { amount: '0.20', currency: 'USD' } }];
  const other = { spend: { amount: '5.00', currency: 'EUR' } };
  const like = { amount: '0.30', currency: 'USD' };
  assert.deepEqual(sumOver([...rows, other, { spend: null }], 'spend', like), like);
  assert.equal(sumOver([{ units: '1.005' }, { units: '-3' }], 'units', '0'), '-1.995');
});

test('an address names a place in an answer as a JSON pointer does', () => {
  assert.equal(placeIn({ 'a/b': [{ c: 1 }] }, '/a~1b/0/c'), 1);
  assert.equal(placeIn({ a: null }, '/a/b'), undefined);
});

test('a difference of ratios is said in percentage points, which are not percent', () => {
  assert.equal(figureText('0.0001', 'points'), '0.01 pp');
  assert.equal(figureText('-0.1234', 'points'), '\u221212.34 pp');
  assert.equal(figureText('1.5', 'points'), '150.00 pp');
});
