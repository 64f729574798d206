/**
 * Speed of the main job, over HTTP and the socket, against a running product with the demo maker:
 * `npm run bench:main-job` (BENCH_URL: a product that runs already; BENCH_RUNS, BENCH_EDITS: how much).
 */
import { loadavg } from 'node:os';
import { type Client, type Json, signIn, watchDashboard } from './client.ts';
import { type Latencies, latenciesOf, medianOf, ms, printRows, type Row } from './figures.ts';
import { cpuOfTree, openProduct, type Product, type StartFigures } from './product.ts';

const runs = Number(process.env.BENCH_RUNS ?? '3');
const edits = Number(process.env.BENCH_EDITS ?? '60');
const warmUps = 10;
const submissions = 24;
const submittersAtOnce = 4;
const productsPerPromotion = 6;
const targets = { planMs: 150, socketMs: 250, firstStartMs: 30_000, secondStartMs: 5_000 };

/** What edits draw from. */
interface Demo {
  /** Divisions, each with several accounts. */
  divisions: Json[];
  accounts: Json[];
  /** Own SKUs of each category, with the category's fund. */
  shelves: { fund: Json; skus: Json[] }[];
}

async function readDemo(kam: Client): Promise<Demo> {
  const customers = await kam.list('/customers');
  const products = await kam.list('/products');
  const funds = await kam.list('/funds');
  const shelves = products
    .filter(({ level, own }) => level === 'category' && own)
    .map((category) => ({
      fund: funds.find(({ code }) => code === `FUND-ALL-${category.code}`),
      skus: products.filter(({ level, own, code }) => level === 'sku' && own && code.startsWith(`${category.code}-`)),
    }));
  return {
    divisions: customers.filter(({ type }) => type === 'division'),
    accounts: customers.filter(({ type }) => type === 'account'),
    shelves,
  };
}

/** A day `days` after the first Monday of next year. */
function dayAfter(days: number): string {
  const january = Date.UTC(new Date().getUTCFullYear() + 1, 0, 1);
  const monday = january + ((8 - new Date(january).getUTCDay()) % 7) * 86_400_000;
  return new Date(monday + days * 86_400_000).toISOString().slice(0, 10);
}

const pick = <T>(items: readonly T[], at: number): T => items[at % items.length] as T;

/** The `number`th edit: another rate, other dates, products and customer each time; the same on every run. */
function edit(demo: Demo, number: number): Json {
  const { fund, skus } = pick(demo.shelves, number);
  const from = (number * 5) % skus.length;
  const chosen = [...skus, ...skus].slice(from, from + productsPerPromotion);
  const startsIn = (number * 11) % 180;
  // Of three edits two are of a whole division: six products at each of its accounts.
  const customer = number % 3 === 2 ? pick(demo.accounts, number * 7) : pick(demo.divisions, number);
  const tactic = (mechanic: string, rate: string) => ({
    ...{ mechanic, productIds: chosen.map(({ id }) => id), fundSplit: [{ fundId: fund.id, share: '1' }] },
    rate: { amount: rate, currency: customer.currency, per: 'case' },
  });
  return {
    name: `Bench ${number}`,
    customerId: customer.id,
    startsOn: dayAfter(startsIn),
    endsOn: dayAfter(startsIn + 13 + (number % 15)),
    tactics: [tactic('off_invoice', (1 + (number % 9) / 4).toFixed(2))],
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function inTurn(count: number, work: (number: number) => Promise<unknown>): Promise<Latencies> {
  const values: number[] = [];
  for (let number = 0; number < count; number++) values.push(await timed(() => work(number)));
  return latenciesOf(values);
}

/** A phase with what it cost the server, the database and the generator. */
interface Phase {
  latencies: Latencies;
  serverMs: number;
  databaseMs: number;
  /** Share of the phase in which the generator's only thread had nothing to do. */
  generatorIdle: number;
}

async function phase(product: Product, count: number, work: (number: number) => Promise<unknown>): Promise<Phase> {
  for (let number = 0; number < warmUps; number++) await work(number);
  const cpuBefore = cpuOfTree(product.pid);
  const loopBefore = performance.eventLoopUtilization();
  const found: Latencies[] = [];
  for (let run = 0; run < runs; run++) found.push(await inTurn(count, (number) => work(run * count + number)));
  const loop = performance.eventLoopUtilization(loopBefore);
  const cpu = cpuOfTree(product.pid);
  const asked = runs * count;
  return {
    latencies: medianOf(found),
    serverMs: (cpu.server - cpuBefore.server) / asked,
    databaseMs: (cpu.database - cpuBefore.database) / asked,
    generatorIdle: 1 - loop.utilization,
  };
}

function phaseRow(what: string, { latencies, serverMs, databaseMs, generatorIdle }: Phase, targetMs?: number): Row {
  const { p50, p95, p99, count } = latencies;
  const cpu = serverMs > 0 ? `; CPU ${ms(serverMs)} server + ${ms(databaseMs)} database` : '';
  const measured = `p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)} ms (n ${count}${cpu}; generator ${Math.round(100 * generatorIdle)} % idle)`;
  return targetMs === undefined
    ? { what, measured }
    : { what, measured, target: `p95 ≤ ${targetMs} ms`, met: p95 <= targetMs };
}

async function recalculations(product: Product, kam: Client, demo: Demo): Promise<Row[]> {
  const live = await phase(product, edits, async () => (await fetch(`${product.url}/health/live`)).arrayBuffer());
  const read = await phase(product, edits, () => kam.get('/funds?limit=1'));
  let refused = 0;
  const preview = await phase(product, edits, async (number) => {
    const plan = await kam.post('/promotions/preview', edit(demo, number));
    if (plan.refusal !== null) refused++;
  });
  if (refused > 0) throw new Error(`${refused} plans were refused: nothing was calculated`);
  return [
    phaseRow('peer: GET /health/live (HTTP alone)', live),
    phaseRow('peer: GET /funds?limit=1 (signed in, one short transaction)', read),
    phaseRow(
      `plan recalculation (POST /promotions/preview, ${productsPerPromotion} products)`,
      preview,
      targets.planMs,
    ),
  ];
}

/** Drafts to submit, on weeks and products of their own as far as the demo has room: a few may still conflict. */
async function makeDrafts(kam: Client, demo: Demo): Promise<{ ids: string[]; created: Latencies }> {
  const ids: string[] = [];
  const created = await inTurn(submissions, async (number) => {
    const body = edit(demo, number);
    ids.push((await kam.post('/promotions', { ...body, customerId: pick(demo.accounts, number).id })).id);
  });
  return { ids, created };
}

/** Submits by several at once; answers those that went through. */
async function submitAll(kam: Client, ids: readonly string[]): Promise<{ submitted: string[]; perSecond: number }> {
  const waiting = [...ids];
  const submitted: string[] = [];
  const elapsedMs = await timed(() =>
    Promise.all(
      Array.from({ length: submittersAtOnce }, async () => {
        for (let id = waiting.shift(); id; id = waiting.shift()) {
          try {
            await kam.post(`/promotions/${id}/submit`);
            submitted.push(id);
          } catch (error) {
            // A conflict with a promotion of the demo or of an earlier run is an answer, not a submission.
            if (!/promotion\.conflict/.test(String(error))) throw error;
          }
        }
      }),
    ),
  );
  return { submitted, perSecond: (1_000 * submitted.length) / elapsedMs };
}

/** Approves open tasks on these promotions and times each answer against the socket's frame of the decision. */
async function approvals(product: Product, submitted: readonly string[]): Promise<Row[]> {
  const approvers = await Promise.all(['director', 'finance', 'executive'].map((login) => signIn(product.url, login)));
  const analyst = await signIn(product.url, 'analyst');
  const watcher = await watchDashboard(product.url, analyst.token);
  const afterAnswer: number[] = [];
  const afterRequest: number[] = [];
  const wanted = new Set(submitted);
  try {
    for (const approver of approvers) {
      for (const task of await approver.list('/tasks?mine=true')) {
        if (!wanted.has(task.subjectId)) continue;
        const askedMs = performance.now();
        await approver.post(`/tasks/${task.id}/complete`, { outcome: 'approved', comment: '' });
        const answeredMs = performance.now();
        const seen = await watcher.first(
          ({ type, operation, entityId, fields }) =>
            type === 'data_change' && operation === 'completed' && (entityId === task.id || fields?.taskId === task.id),
        );
        // Below zero the frame overtook the answer.
        afterAnswer.push(Math.max(0, seen.atMs - answeredMs));
        afterRequest.push(seen.atMs - askedMs);
      }
    }
  } finally {
    watcher.close();
  }
  if (afterAnswer.length === 0) throw new Error('there was nothing to approve');
  const socket = latenciesOf(afterAnswer);
  const whole = latenciesOf(afterRequest);
  return [
    {
      what: 'commit → socket (approving answer → frame; 0 where the frame overtook it)',
      measured: `p50 ${ms(socket.p50)}, p95 ${ms(socket.p95)} ms (n ${socket.count})`,
      target: `p95 ≤ ${targets.socketMs} ms`,
      met: socket.p95 <= targets.socketMs,
    },
    {
      what: 'approval asked → frame (upper bound: holds the approval itself)',
      measured: `p50 ${ms(whole.p50)}, p95 ${ms(whole.p95)} ms (n ${whole.count})`,
    },
  ];
}

function startRow(what: string, figures: StartFigures | undefined, targetMs: number): Row[] {
  if (!figures) return [];
  const { wallMs, serverCpuMs, databaseCpuMs } = figures;
  const seconds = (value: number) => (value / 1_000).toFixed(1);
  return [
    {
      what,
      measured: `${seconds(wallMs)} s (CPU ${seconds(serverCpuMs)} s server, ${seconds(databaseCpuMs)} s database)`,
      target: `≤ ${targetMs / 1_000} s`,
      met: wallMs <= targetMs,
    },
  ];
}

async function bench(product: Product): Promise<Row[]> {
  const kam = await signIn(product.url, 'kam');
  const demo = await readDemo(kam);
  const rows = await recalculations(product, kam, demo);
  const { ids, created } = await makeDrafts(kam, demo);
  const stored = await phase(product, Math.ceil(edits / 2), (number) =>
    kam.get(`/promotions/${pick(ids, number)}/plan`),
  );
  const { submitted, perSecond } = await submitAll(kam, ids);
  return [
    ...startRow('start on an empty folder', product.firstStart, targets.firstStartMs),
    ...startRow('second start', product.secondStart, targets.secondStartMs),
    ...rows,
    phaseRow('GET /promotions/:id/plan', stored, targets.planMs),
    { what: 'POST /promotions', measured: `p50 ${ms(created.p50)}, p95 ${ms(created.p95)} ms (n ${created.count})` },
    {
      what: `submits per second (${submittersAtOnce} at once)`,
      measured: `${perSecond.toFixed(1)} (${submitted.length} of ${ids.length} submitted, the others conflict)`,
    },
    ...(await approvals(product, submitted)),
  ];
}

const load = () =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
const loadBefore = load();
const product = await openProduct();
try {
  const rows = await bench(product);
  process.stdout.write(
    `load average ${loadBefore} before, ${load()} after; ${product.cores}; medians of ${runs} runs\n`,
  );
  printRows(rows);
  if (rows.some(({ met }) => met === false)) process.exitCode = 1;
} finally {
  await product.close();
}
