/** Latencies of one run, in milliseconds. */
export interface Latencies {
  p50: number;
  p95: number;
  p99: number;
  /** How many were measured. */
  count: number;
}

/** Nearest-rank percentile; `sorted` ascending and not empty. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Percentiles of one run. */
export function latenciesOf(valuesMs: readonly number[]): Latencies {
  const sorted = [...valuesMs].sort((a, b) => a - b);
  const at = (share: number) => percentile(sorted, share);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), count: sorted.length };
}

/** The middle of several runs, percentile by percentile. */
export function medianOf(runs: readonly Latencies[]): Latencies {
  const middle = (of: (run: Latencies) => number) =>
    percentile(
      runs.map(of).sort((a, b) => a - b),
      0.5,
    );
  return {
    p50: middle((run) => run.p50),
    p95: middle((run) => run.p95),
    p99: middle((run) => run.p99),
    count: runs.reduce((all, run) => all + run.count, 0),
  };
}

/** A line of the result. */
export interface Row {
  what: string;
  measured: string;
  target?: string;
  /** Undefined where no target is set. */
  met?: boolean;
}

/** `12.3`, and below one `0.0123`. */
export const ms = (value: number): string => value.toFixed(Math.abs(value) < 1 ? 4 : 1);

/** Prints rows as a table. */
export function printRows(rows: readonly Row[]): void {
  const cells = rows.map(({ what, measured, target, met }) => [
    what,
    measured,
    target ?? '',
    met === undefined ? '' : met ? 'PASS' : 'MISS',
  ]);
  const lines = [['what', 'measured', 'target', ''], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  for (const line of lines)
    process.stdout.write(
      `${line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}
