import assert from 'node:assert/strict';
import type { CellFigure } from '../../web/src/ui/figure-cells.ts';

// The modules of the web read the browser's language when they load.
Object.defineProperty(globalThis, 'navigator', { value: { language: 'en-US' }, configurable: true });
const { figureOfCell, fieldOf, filled, placeIn, sumOver } = await import('../../web/src/ui/figure-cells.ts');

type Value = Parameters<typeof figureOfCell>[2];
type Figure = ReturnType<typeof figureOfCell>;

/** Asks the API of a running house for one person; throws where the answer is not 200. */
export type Ask = (path: string) => Promise<unknown>;

/** Signs somebody of the demo in and answers how to ask on their behalf, each path once. */
export async function asking(base: string, who: string): Promise<Ask> {
  const body = JSON.stringify({ email: `${who}@demo.tradeai.example`, password: 'tradeai-demo' });
  const headers = { 'content-type': 'application/json' };
  const signedIn = await fetch(`${base}/api/v1/auth/login`, { method: 'POST', body, headers });
  const { accessToken } = (await signedIn.json()) as { accessToken: string };
  const known = new Map<string, Promise<unknown>>();
  const get = async (path: string) => {
    const answer = await fetch(base + path, { headers: { authorization: `Bearer ${accessToken}` } });
    assert.equal(answer.status, 200, `${who}: GET ${path} answered ${answer.status}`);
    return answer.json();
  };
  return (path) => {
    assert.match(path, /^\/api\/v1\//, `${path} is an address from outside`);
    const found = known.get(path) ?? get(path);
    known.set(path, found);
    return found;
  };
}

async function allRows(ask: Ask, path: string): Promise<object[]> {
  const rows: object[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const next = `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await ask(next)) as { items: object[]; nextCursor?: string | null };
    rows.push(...page.items);
    cursor = page.nextCursor ?? null;
  }
  return rows;
}

const amountOf = (value: Value) => Number(typeof value === 'object' && value !== null ? value.amount : value);

/** A figure's rows are there, its inputs that are figures are figures, and where it is a sum of its rows it is their sum. */
export async function checkFigure(ask: Ask, name: string, figure: Figure): Promise<'sum' | 'rows' | 'none'> {
  assert.ok(figure.formula && figure.formulaVersion, `${name} has a formula and its version`);
  for (const input of figure.inputs) {
    if (!input.figure || input.value === null) continue;
    const [path = '', pointer = ''] = input.figure.split('#');
    const inner = placeIn(await ask(path), pointer) as Figure | undefined;
    assert.ok(inner?.formula, `${name}: its input ${input.name} is a figure at ${input.figure}`);
  }
  if (!figure.rows) return 'none';
  const rows = await allRows(ask, figure.rows);
  if (!figure.sumOf || figure.value === null) return 'rows';
  const sum = sumOver(rows, figure.sumOf, figure.value);
  // Units are estimates: each row is rounded to three decimals. Money is exact.
  const tolerance = figure.unit === 'money' ? 0 : 0.001 * (rows.length + 1);
  const off = Math.abs(amountOf(sum) - amountOf(figure.value));
  assert.ok(
    off <= tolerance,
    `${name}: ${JSON.stringify(figure.value)}, but Σ ${figure.sumOf} = ${JSON.stringify(sum)}`,
  );
  return 'sum';
}

/** Every figure within an answer, by its place. */
export function figuresIn(answer: unknown, place = ''): [place: string, figure: Figure][] {
  if (typeof answer !== 'object' || answer === null) return [];
  if ('formula' in answer && 'inputs' in answer && 'value' in answer) return [[place, answer as Figure]];
  return Object.entries(answer).flatMap(([name, value]) => figuresIn(value, `${place}/${name}`));
}

/**
 * A cell of a list explains itself: by its column's formula over the row, or by the figure at the column's address, whose
 * value then is that of the cell.
 */
export async function checkCell(
  ask: Ask,
  cells: Readonly<Record<string, CellFigure>>,
  name: string,
  row: object,
  value: unknown = fieldOf(row, name.split('.').at(-1)!),
): Promise<'sum' | 'rows' | 'none' | 'empty'> {
  const cell = cells[name];
  assert.ok(cell, `some module explains ${name}`);
  if (value === null || value === undefined) return 'empty';
  if (!('figure' in cell)) return checkFigure(ask, name, figureOfCell(cell, row, value as Value));
  const address = filled(cell.figure, row);
  assert.ok(address, `${name} has what its address ${cell.figure} names`);
  const [path = '', pointer = ''] = address.split('#');
  const figure = placeIn(await ask(path), pointer) as Figure | undefined;
  assert.ok(figure?.formula, `${name}: there is a figure at ${address}`);
  assert.deepEqual(figure.value, value, `${name}: the figure at ${address} is the number that is shown`);
  return checkFigure(ask, `${name} at ${address}`, figure);
}
