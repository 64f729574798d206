import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countedLines, type GridInputs, lineCount, moneyOfVolume } from './grid-inputs.ts';
import { openPlanGrid, type PlanGrid } from './plan-grid.ts';
import type { PlannedCell, PlannedEvent } from './planned-effect.ts';

/** Two accounts, three products, six weeks in two periods of which the second is running (two segments). */
const size = { accounts: 2, products: 3, segmentOfWeek: [0, 0, 0, 1, 1, 2] };
const weeks = size.segmentOfWeek.length;
const cells = size.accounts * size.products * weeks;

const column = (length: number, max: number) =>
  fc.array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length }).map((all) => Int32Array.from(all));

const anyInputs: fc.Arbitrary<GridInputs> = fc.record({
  accounts: fc.constant(size.accounts),
  products: fc.constant(size.products),
  segmentOfWeek: fc.constant(size.segmentOfWeek),
  baselineMilli: column(cells, 2_000_000),
  listMinor: column(size.products * weeks, 5_000),
  costMinor: column(size.products * weeks, 3_000),
  onInvoiceRate: column(cells, 4_000_000).map((all) => Float64Array.from(all)),
  offInvoiceRate: column(cells, 4_000_000).map((all) => Float64Array.from(all)),
});

const anyEvent: fc.Arbitrary<PlannedEvent> = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c'),
    accounts: fc.constantFrom([0], [1], [0, 1]),
    cells: fc.uniqueArray(
      fc.record<PlannedCell>({
        product: fc.nat(size.products - 1),
        week: fc.nat(weeks - 1),
        incrementalMilli: fc.integer({ min: -500_000, max: 3_000_000 }),
        days: fc.nat(7),
      }),
      { minLength: 1, maxLength: 8, selector: ({ product, week }) => product * weeks + week },
    ),
    lumpMinor: fc.nat(50_000),
    rated: fc.array(fc.nat(900_000), { minLength: size.products, maxLength: size.products }),
  })
  .map(({ rated, lumpMinor, ...event }) => {
    const inside = new Set(event.cells.filter(({ days }) => days > 0).map(({ product }) => product));
    const spend = [...inside].map((product, i) => ({
      product,
      minor: (rated[product] ?? 0) + (i === 0 ? lumpMinor : 0),
    }));
    return { ...event, spend, lumpMinor: spend.length > 0 ? lumpMinor : 0 };
  });

type Edit =
  | { kind: 'set'; event: PlannedEvent }
  | { kind: 'drop'; id: string }
  | { kind: 'scale'; rows: number[]; millionths: number };

const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  anyEvent.map((event) => ({ kind: 'set' as const, event })),
  fc.constantFrom('a', 'b', 'c').map((id) => ({ kind: 'drop' as const, id })),
  fc.record({
    kind: fc.constant('scale' as const),
    millionths: fc.integer({ min: 0, max: 2_000_000 }),
    rows: fc.uniqueArray(fc.nat(size.accounts * size.products - 1), { minLength: 1 }),
  }),
);

function apply(grid: PlanGrid, edit: Edit): void {
  if (edit.kind === 'set') grid.setEvent(edit.event);
  else if (edit.kind === 'drop') grid.dropEvent(edit.id);
  else grid.scaleRows(edit.rows, edit.millionths);
}

const lineOf = (totals: BigInt64Array, segment: number, line: (typeof countedLines)[number]): bigint =>
  totals[segment * lineCount + countedLines.indexOf(line)] ?? 0n;

test('after any edits the figures are those of a whole recalculation', () => {
  fc.assert(
    fc.property(anyInputs, fc.array(anyEdit, { maxLength: 12 }), (inputs, edits) => {
      const grid = openPlanGrid(inputs);
      const events = new Map<string, PlannedEvent>();
      const factors = new Int32Array(size.accounts * size.products).fill(1_000_000);
      for (const edit of edits) {
        apply(grid, edit);
        if (edit.kind === 'set') events.set(edit.event.id, edit.event);
        else if (edit.kind === 'drop') events.delete(edit.id);
        else for (const row of edit.rows) factors[row] = edit.millionths;
      }
      // Whole: the baselines first, then every promotion at once.
      const whole = openPlanGrid(inputs);
      factors.forEach((millionths, row) => {
        whole.scaleRows([row], millionths);
      });
      for (const event of [...events.values()].reverse()) whole.setEvent(event);
      assert.deepEqual(grid.totals(), whole.totals());
      const byAccount = [...grid.totalsBy((account) => account).values()];
      const byProduct = [...grid.totalsBy((_, product) => product).values()];
      for (const parts of [byAccount, byProduct]) {
        const sums = grid.totals().map((_, i) => parts.reduce((all, part) => all + (part[i] ?? 0n), 0n));
        assert.deepEqual(sums, grid.totals());
      }
    }),
    { numRuns: 300 },
  );
});

test('a promotion’s volume and spend arrive in the plan to the last unit while nobody changes the baseline', () => {
  fc.assert(
    fc.property(anyInputs, anyEvent, (inputs, event) => {
      const plenty = { ...inputs, baselineMilli: inputs.baselineMilli.map((milli) => milli + 600_000) };
      const before = openPlanGrid(plenty).totals();
      const after = openPlanGrid(plenty, [event]).totals();
      const added = (line: (typeof countedLines)[number]) =>
        [0, 1, 2].reduce((all, segment) => all + lineOf(after, segment, line) - lineOf(before, segment, line), 0n);
      assert.equal(added('tacticSpend'), BigInt(event.spend.reduce((all, { minor }) => all + minor, 0)));
      assert.equal(added('incremental'), BigInt(event.cells.reduce((all, cell) => all + cell.incrementalMilli, 0)));
      assert.equal(added('volume'), added('incremental'));
    }),
  );
});

const one: GridInputs = {
  accounts: 1,
  products: 1,
  segmentOfWeek: [0, 0],
  baselineMilli: Int32Array.from([1_000_000, 1_000_000]),
  listMinor: Int32Array.from([3_000, 3_000]),
  costMinor: Int32Array.from([1_600, 1_600]),
  onInvoiceRate: Float64Array.from([1_500_000, 1_500_000]),
  offInvoiceRate: Float64Array.from([600_000, 600_000]),
};

/** The worked event of the trade: 2 000 cases of baseline, 1 400 more, 4.00 a case on all of them and a display of 2 000.00. */
const worked: PlannedEvent = {
  id: 'worked',
  accounts: [0],
  cells: [0, 1].map((week) => ({ product: 0, week, incrementalMilli: 700_000, days: 7 })),
  spend: [{ product: 0, minor: 1_560_000 }],
  lumpMinor: 200_000,
};

test('the worked event of the trade comes out to the cent: list, terms, spend, cost', () => {
  const totals = openPlanGrid(one, [worked]).totals();
  assert.deepEqual(
    countedLines.map((line) => Number(lineOf(totals, 0, line))),
    [3_400_000, 1_400_000, 10_200_000, 510_000, 204_000, 1_560_000, 5_440_000],
  );
});

test('with half the baseline the rated spend halves with the volume, and the lump sum stays', () => {
  const grid = openPlanGrid(one, [worked]);
  grid.scaleRows([0], 500_000);
  assert.equal(lineOf(grid.totals(), 0, 'incremental'), 700_000n);
  assert.equal(lineOf(grid.totals(), 0, 'tacticSpend'), 200_000n + 680_000n);
  grid.scaleRows([0], 1_000_000);
  assert.deepEqual(grid.totals(), openPlanGrid(one, [worked]).totals());
});

test('no volume falls below zero, however deep the dips', () => {
  const dip = {
    ...worked,
    cells: [{ product: 0, week: 1, incrementalMilli: -9_000_000, days: 0 }],
    spend: [],
    lumpMinor: 0,
  };
  const totals = openPlanGrid(one, [dip]).totals();
  assert.equal(lineOf(totals, 0, 'volume'), 1_000_000n);
  assert.equal(lineOf(totals, 0, 'incremental'), -1_000_000n);
});

test('money of a volume is exact at any size, half up, and refused only where the money itself is too large', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.nat(4_000_000_000), (volume, rate) => {
      const exact = (BigInt(volume) * BigInt(rate) + 5_000_000n) / 10_000_000n;
      assert.equal(BigInt(moneyOfVolume(volume, rate, 10_000)), exact);
    }),
  );
  assert.equal(moneyOfVolume(500, 1, 1), 1);
  assert.throws(() => moneyOfVolume(2 ** 31 - 1, 2 ** 53 - 1, 1), { code: 'rule.violated' });
});

test('sums that no safe integer holds are refused, and so are columns that do not fit', () => {
  const most = Int32Array.from([2 ** 31 - 1, 2 ** 31 - 1]);
  assert.throws(() => openPlanGrid({ ...one, baselineMilli: most, listMinor: most }), { code: 'rule.violated' });
  assert.throws(() => openPlanGrid({ ...one, costMinor: Int32Array.from([1]) }), /columns/);
});
