import { compileModel, type DecisionTable, decide, type Json, modelOfTable } from '#workflow';
import type { BenchPart } from '../trade/part.ts';

/** Questions asked of each table. */
const questions = 5_000;

const mechanics = ['scan_back', 'bill_back', 'feature', 'display', 'off_invoice'];
const regions = ['north', 'south', 'east', 'west'];
const channels = ['grocery', 'convenience', 'club', 'drug', 'online'];

/** The same numbers at every run: a linear congruential generator. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** An approval matrix: eight conditions of ranges, lists, comparisons and dates in every row, the last row for the rest. */
function matrixOf(rows: number): DecisionTable {
  const next = sequence(7);
  const rules = Array.from({ length: rows }, (_, row) => {
    const amount = next(200) * 1000;
    const conditions = [
      `[${amount}..${amount + 20_000})`,
      `>= ${next(30) / 10}`,
      `"${mechanics[next(5)]}", "${mechanics[next(5)]}"`,
      `< ${5 + next(40)}`,
      `not("${regions[next(4)]}")`,
      `"${channels[next(5)]}"`,
      `[date("2026-01-01")..date("2026-${String(1 + next(12)).padStart(2, '0')}-28")]`,
      `> ${next(12)}`,
    ];
    const isLast = row === rows - 1;
    return {
      id: `row-${row + 1}`,
      conditions: isLast ? conditions.map(() => '-') : conditions,
      results: [`"step ${row}"`],
      notes: [],
    };
  });
  const inputs = ['Amount', 'ROI', 'Mechanic', 'Margin', 'Region', 'Channel', 'Start', 'Weeks'];
  return {
    kind: 'table',
    hitPolicy: 'F',
    inputs: inputs.map((expression) => ({ expression })),
    outputs: [{ name: 'Step', type: 'string' }],
    annotations: [],
    rules,
  };
}

const variables = ['Amount', 'ROI', 'Mechanic', 'Margin', 'Region', 'Channel', 'Weeks'].map((name) => ({ name }));

function questionsOf(): Record<string, Json>[] {
  const next = sequence(11);
  return Array.from({ length: questions }, () => ({
    Amount: next(220_000),
    ROI: next(40) / 10,
    Mechanic: mechanics[next(5)]!,
    Margin: next(50),
    Region: regions[next(4)]!,
    Channel: channels[next(5)]!,
    Start: `2026-${String(1 + next(12)).padStart(2, '0')}-15`,
    Weeks: next(16),
  }));
}

/** Rows × questions for one decision table, from JSON to an answer that names the row. */
export const part: BenchPart = {
  name: 'decision table',
  what: 'n rows of 8 conditions, 5,000 questions one by one from JSON to the answer with its row',
  sizes: [100, 250, 500],
  targets: { 'decide p99': 1 },
  run: async (_, size) => {
    const begun = performance.now();
    const inputs = [...variables, { name: 'Start', type: 'date' }];
    const compiled = compileModel(modelOfTable('Approval', inputs, matrixOf(size)));
    const compileMs = performance.now() - begun;
    if (compiled.mistakes.length > 0) throw new Error(compiled.mistakes[0]!.detail);
    const now = new Date('2026-06-01T00:00:00Z');
    const lapsMs: number[] = [];
    const seen = new Set<number>();
    for (const question of questionsOf()) {
      const at = performance.now();
      const { tables } = decide(compiled, 'Approval', question, { now });
      lapsMs.push(performance.now() - at);
      seen.add(tables[0]!.matched[0]!.row);
    }
    lapsMs.sort((a, b) => a - b);
    const quantile = (share: number) => lapsMs[Math.floor(share * (lapsMs.length - 1))]!;
    return {
      figures: { 'decide p99': quantile(0.99), 'decide p50': quantile(0.5), 'make ready': compileMs },
      note: `${seen.size} rows answered`,
    };
  },
};
