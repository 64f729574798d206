/** A table of score quantiles by bin, made from out-of-sample errors: the calibration of split conformal intervals. */
export interface ConformalTable {
  /** Wanted share inside, 0..1. */
  level: number;
  /** Ascending upper edges of the size bins; the last bin is open. One list per class. */
  edges: number[][];
  /** Lower and upper score quantile per class and bin. */
  low: number[][];
  high: number[][];
  /** Scores used per class and bin. */
  counts: number[][];
}

/** One out-of-sample error: (actual − forecast) / scale, with the forecast's size and class (say, promoted or not). */
export interface ConformalScore {
  score: number;
  size: number;
  class: number;
}

/**
 * Split conformal calibration (Papadopoulos et al. 2002; Mondrian bins: Vovk et al. 2005): lower and upper quantiles of
 * signed scores, by class and by equally filled bins of forecast size, with the finite-sample correction (n+1).
 * Throws RangeError where there are no scores at all. A class with fewer than `minimumPerBin` scores uses all classes.
 */
export function calibrateConformal(
  scores: ConformalScore[],
  options: { level: number; classes: number; bins: number; minimumPerBin?: number },
): ConformalTable {
  if (scores.length === 0) throw new RangeError('no scores to calibrate on');
  const minimum = options.minimumPerBin ?? 40;
  const table: ConformalTable = { level: options.level, edges: [], low: [], high: [], counts: [] };
  for (let c = 0; c < options.classes; c++) {
    const own = scores.filter((score) => score.class === c);
    const used = (own.length >= minimum ? own : scores).toSorted((a, b) => a.size - b.size);
    const bins = Math.max(1, Math.min(options.bins, Math.floor(used.length / minimum)));
    const parts = Array.from({ length: bins }, (_, bin) =>
      used.slice(Math.floor((bin * used.length) / bins), Math.floor(((bin + 1) * used.length) / bins)),
    );
    table.edges.push(parts.slice(0, -1).map((part) => part.at(-1)!.size));
    const sorted = parts.map((part) => Float64Array.from(part, (score) => score.score).sort());
    table.low.push(sorted.map((part) => -upperQuantile(part.map((s) => -s).sort(), (1 + options.level) / 2)));
    table.high.push(sorted.map((part) => upperQuantile(part, (1 + options.level) / 2)));
    table.counts.push(sorted.map((part) => part.length));
  }
  return table;
}

function upperQuantile(sorted: Float64Array, quantile: number): number {
  const rank = Math.ceil((sorted.length + 1) * quantile);
  return sorted[Math.min(sorted.length, rank) - 1]!;
}

/** Lower and upper score for a forecast of this size and class: low = forecast + score·scale. */
export function conformalScores(
  table: ConformalTable,
  size: number,
  classIndex: number,
): { low: number; high: number } {
  const edges = table.edges[classIndex]!;
  let bin = 0;
  while (bin < edges.length && size > edges[bin]!) bin++;
  return { low: table.low[classIndex]![bin]!, high: table.high[classIndex]![bin]! };
}

/**
 * The widest of several tables' scores. Errors of one period share its shocks, so that pooling periods understates how
 * far the next one may lie off; the worst period on record is the safer guide for totals.
 */
export function widestScores(
  tables: ConformalTable[],
  size: number,
  classIndex: number,
): { low: number; high: number } {
  const scores = tables.map((table) => conformalScores(table, size, classIndex));
  return { low: Math.min(...scores.map((score) => score.low)), high: Math.max(...scores.map((score) => score.high)) };
}
