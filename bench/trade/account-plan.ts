import pg from 'pg';
import { type GridInputs, openPlanGrid, type PlannedEvent } from '#account-plans';
import type { BenchHouse, BenchPart } from './part.ts';

const accounts = 20;
const weeks = 52;
const periods = 13;
const promotionsPerProduct = 2.5;
const skusPerPromotion = 10;
/** Two weeks on the shelf and the dip after them. */
const [eventWeeks, dipWeeks] = [2, 4];
const editsMeasured = 50;

/** A repeatable draw of whole numbers (Park and Miller). */
function drawFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function makeInputs(products: number, draw: (below: number) => number): GridInputs {
  const column = (length: number, from: number, spread: number) =>
    Int32Array.from({ length }, () => from + draw(spread));
  const cells = accounts * products * weeks;
  return {
    ...{ accounts, products },
    segmentOfWeek: Array.from({ length: weeks }, (_, week) => Math.floor((week * periods) / weeks)),
    baselineMilli: column(cells, 1_000, 400_000),
    listMinor: column(products * weeks, 2_000, 1_000),
    costMinor: column(products * weeks, 1_000, 500),
    onInvoiceRate: Float64Array.from(column(cells, 0, 2_000_000)),
    offInvoiceRate: Float64Array.from(column(cells, 0, 2_000_000)),
  };
}

/** A promotion of every account: no other touches more of the plan. */
function makeEvent(id: string, products: number, draw: (below: number) => number): PlannedEvent {
  const skus = [...new Set(Array.from({ length: skusPerPromotion }, () => draw(products)))];
  const first = draw(weeks - eventWeeks - dipWeeks);
  const lumpMinor = 200_000;
  return {
    id,
    accounts: [...new Array(accounts).keys()],
    lumpMinor,
    spend: skus.map((product, i) => ({ product, minor: (i === 0 ? lumpMinor : 0) + draw(1_000_000) })),
    cells: skus.flatMap((product) =>
      Array.from({ length: eventWeeks + dipWeeks }, (_, week) => ({
        ...{ product, week: first + week, days: week < eventWeeks ? 7 : 0 },
        incrementalMilli: week < eventWeeks ? draw(900_000) : -draw(90_000),
      })),
    ),
  };
}

/** The sums of the plan's volumes and prices alone, by plain SQL over the same cells. */
async function sumBySql({ url }: BenchHouse, inputs: GridInputs): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `create temporary table cell as select * from unnest($1::int[], $2::int[], $3::bigint[]) as c (product, week, volume)`,
      [
        Array.from(inputs.baselineMilli, (_, cell) => Math.floor(cell / weeks) % inputs.products),
        Array.from(inputs.baselineMilli, (_, cell) => cell % weeks),
        [...inputs.baselineMilli],
      ],
    );
    await client.query(
      `create temporary table price as select * from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) as p (product, week, list, cost)`,
      [
        Array.from(inputs.listMinor, (_, at) => Math.floor(at / weeks)),
        Array.from(inputs.listMinor, (_, at) => at % weeks),
        [...inputs.listMinor],
        [...inputs.costMinor],
      ],
    );
    await client.query('analyze cell; analyze price');
    const begun = performance.now();
    await client.query(`select week * ${periods} / ${weeks} as period, sum(volume), sum(round(volume * list / 1000.0)),
        sum(round(volume * cost / 1000.0)) from cell join price using (product, week) group by 1`);
    return performance.now() - begun;
  } finally {
    await client.end();
  }
}

/** The recalculation of an account plan, whole and by one edit. */
export const part: BenchPart = {
  name: 'account plan',
  what: `recalculating a 52-week plan of ${accounts} accounts with ${promotionsPerProduct} promotions a product, each at all accounts; size = products`,
  sizes: [50, 100, 200],
  targets: { whole: 1_000, 'one promotion changed': 100, 'baseline of one product changed': 100 },
  run: async (house, products) => {
    const draw = drawFrom(20_260_601);
    const inputs = makeInputs(products, draw);
    const promotions = products * promotionsPerProduct;
    const events = Array.from({ length: promotions }, (_, i) => makeEvent(`P${i}`, products, draw));
    const stopWatch = <Answer>(work: () => Answer): [Answer, number] => {
      const begun = performance.now();
      const answer = work();
      return [answer, performance.now() - begun];
    };
    const [grid, whole] = stopWatch(() => openPlanGrid(inputs, events));
    const changed = Array.from({ length: editsMeasured }, (_, i) => makeEvent(`P${i}`, products, draw));
    const [, edits] = stopWatch(() => {
      for (const event of changed) {
        grid.setEvent(event);
        grid.totals();
      }
    });
    const rows = Array.from({ length: accounts }, (_, account) => account * products + 7);
    const [, baseline] = stopWatch(() => grid.scaleRows(rows, 1_050_000));
    return {
      figures: {
        whole,
        'one promotion changed': edits / editsMeasured,
        'baseline of one product changed': baseline,
        'volumes × prices by plain SQL': await sumBySql(house, inputs),
      },
      note: `${accounts * products * weeks} cells, ${promotions} promotions`,
    };
  },
};
