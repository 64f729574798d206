import type { Gap } from './shapes.ts';

/** Gaps that are said once: one absence concerns many processes in one way; an open task stands for itself. */
export function gapGroups(gaps: readonly Gap[]): { key: string; of: Gap[] }[] {
  const alike = ({ taskId, startsOn, endsOn, upTo, away }: Gap) =>
    JSON.stringify([taskId, startsOn, endsOn, upTo, away]);
  return [...Map.groupBy(gaps, alike)].map(([key, of]) => ({ key, of }));
}
