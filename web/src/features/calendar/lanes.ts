import type { PromotionRow } from '../../api/promotion-shapes.ts';
import type { Customer } from '../../api/shapes.ts';

/** A bar with its place among the lanes of its customer. */
export interface PlacedBar {
  promotion: PromotionRow;
  lane: number;
}

/** Puts overlapping bars below each other. */
export function placeBars(promotions: readonly PromotionRow[]): { bars: PlacedBar[]; lanes: number } {
  const ends: string[] = [];
  const bars = [...promotions]
    .sort((a, b) => (a.startsOn === b.startsOn ? a.id.localeCompare(b.id) : a.startsOn < b.startsOn ? -1 : 1))
    .map((promotion) => {
      const free = ends.findIndex((end) => end < promotion.startsOn);
      const lane = free < 0 ? ends.length : free;
      ends[lane] = promotion.endsOn;
      return { promotion, lane };
    });
  return { bars, lanes: Math.max(1, ends.length) };
}

function selfAndAncestors(id: string, parents: ReadonlyMap<string, string | null>): Set<string> {
  const line = new Set<string>();
  for (let at: string | null | undefined = id; at && !line.has(at); at = parents.get(at)) line.add(at);
  return line;
}

/** The parents of the customers. */
export function parentsOf(items: readonly Customer[]): Map<string, string | null> {
  return new Map(items.map((item) => [item.id, item.parentId]));
}

/** Whether one customer is the other or lies above or below it. */
export function related(a: string, b: string, parents: ReadonlyMap<string, string | null>): boolean {
  return selfAndAncestors(a, parents).has(b) || selfAndAncestors(b, parents).has(a);
}
