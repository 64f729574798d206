import type { Context } from '#context';
import type { Database } from '#db';

/** A migrated, empty, durable database that a part fills as it likes. */
export interface BenchHouse {
  context: Context;
  db: Database;
  /** The owner's address (superuser), for filling tables with COPY or generate_series. */
  url: string;
}

/** One thing to measure, at three sizes; the runner (bench/trade.ts) repeats each size and takes medians. */
export interface BenchPart {
  name: string;
  /** What is measured and what a size counts, in a sentence. */
  what: string;
  /** Three, ascending; the targets hold at the largest. */
  sizes: readonly [number, number, number];
  /** The most milliseconds by name of a figure; figures without one are peers and parts of the whole. */
  targets: Readonly<Record<string, number>>;
  /** Milliseconds by name: the same names at every size. */
  run(house: BenchHouse, size: number): Promise<{ figures: Record<string, number>; note?: string }>;
}
