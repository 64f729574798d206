import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres/index.ts';
import { testHouse } from '../test/house.ts';
import { urlVariable } from '../test/postgres/index.ts';
import { ms, printRows, type Row } from './figures.ts';
import type { BenchPart } from './trade/part.ts';

const runs = Number(process.env.BENCH_RUNS ?? '3');
const only = process.env.BENCH_ONLY?.split(',');

type Figures = Record<string, number>;

/** The middle of several runs, figure by figure. */
function middle(all: readonly Figures[]): Figures {
  const names = Object.keys(all[0] ?? {});
  const at = Math.floor(all.length / 2);
  return Object.fromEntries(
    names.map((name) => [name, all.map((one) => one[name] ?? Number.NaN).sort((a, b) => a - b)[at] ?? Number.NaN]),
  );
}

/** A database of its own for one run of one size. */
async function inHouse<T>(
  present: string,
  work: (house: Awaited<ReturnType<typeof testHouse>>) => Promise<T>,
): Promise<T> {
  const endings: (() => Promise<void>)[] = [];
  const house = await testHouse({ after: (ending) => endings.push(ending as () => Promise<void>) }, present);
  try {
    return await work(house);
  } finally {
    for (const ending of endings.reverse()) await ending();
  }
}

/** How cost grew from the smallest to the largest size: 1 is linear, 1.1 about n log n at these sizes. */
function exponent(sizes: readonly number[], costs: readonly number[]): string {
  const [small, large] = [sizes[0] ?? 1, sizes.at(-1) ?? 1];
  const grown = Math.log((costs.at(-1) ?? 1) / (costs[0] ?? 1)) / Math.log(large / small);
  // A difference of two times may be below zero.
  return Number.isNaN(grown) ? '–' : grown.toFixed(2);
}

async function measure(part: BenchPart, present: string): Promise<Row[]> {
  const bySize: Figures[] = [];
  let note: string | undefined;
  for (const size of part.sizes) {
    const found: Figures[] = [];
    for (let run = 0; run < runs; run++) {
      const answer = await inHouse(present, (house) =>
        part.run({ context: house.context(), db: house.db, url: house.url }, size),
      );
      note = answer.note ?? note;
      found.push(answer.figures);
    }
    bySize.push(middle(found));
  }
  return Object.keys(bySize[0] ?? {}).map((name) => {
    const costs = bySize.map((figures) => figures[name] ?? Number.NaN);
    const each = part.sizes.map((size, at) => `${size.toLocaleString('en-US')}: ${ms(costs[at] ?? Number.NaN)} ms`);
    const target = part.targets[name];
    return {
      what: `${part.name}: ${name}`,
      measured: `${each.join(', ')} (growth n^${exponent(part.sizes, costs)})${note ? ` ${note}` : ''}`,
      ...(target === undefined ? {} : { target: `≤ ${target} ms`, met: (costs.at(-1) ?? Number.NaN) <= target }),
    };
  });
}

/**
 * Measures parts at three sizes each, on a durable database of its own beside them, and prints the medians (BENCH_ONLY:
 * names of parts, comma-separated; BENCH_RUNS: how often each size is measured). A missed target is exit 1.
 */
export async function measureParts(parts: readonly BenchPart[], present: string): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tradeai-bench-'));
  const silent = () => undefined;
  const postgres = await startEmbeddedPostgres({ dataDir, log: { info: silent, warn: silent } });
  process.env[urlVariable] = postgres.superuserUrl;
  try {
    const before = loadavg()[0] ?? 0;
    const rows: Row[] = [];
    for (const part of parts) if (!only || only.includes(part.name)) rows.push(...(await measure(part, present)));
    process.stdout.write(
      `load average ${before.toFixed(2)} before, ${(loadavg()[0] ?? 0).toFixed(2)} after; medians of ${runs} runs; targets hold at the largest size\n`,
    );
    printRows(rows);
    if (rows.some(({ met }) => met === false)) process.exitCode = 1;
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
