const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A duration for reading, in the largest unit that it reaches: `2.1 d`, `40 min`. */
export function durationText(ms: number | null): string {
  if (ms === null) return '–';
  if (ms > 0 && ms < 1_000) return '< 1 s';
  const [unit, size] = units.find(([, each]) => ms >= each) ?? ['s', 1_000];
  const value = ms / size;
  return `${value < 10 && unit !== 's' ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A duration in hours, as a spreadsheet takes it. */
export const hoursOf = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 36_000) / 100);
