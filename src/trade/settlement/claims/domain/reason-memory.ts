import type { ReasonMemory } from './match-evidence.ts';

/** How often a retailer's reason code stood for a mechanic in matches that people confirmed. */
export interface ReasonCount {
  /** The root of the customer's tree: codes are a retailer's own. */
  retailerId: string;
  reasonCode: string;
  mechanic: string;
  count: number;
}

/** Confirmed matches that a code must have before its own share weighs as much as the mechanic's share overall. */
const caution = 2;

/** Log odds of a mechanic under a reason code against the mechanic's share of all confirmed matches; 0 for what is unknown. */
export function rememberReasons(counts: readonly ReasonCount[]): ReasonMemory {
  const byCode = new Map<string, { total: number; of: Map<string, number> }>();
  const overall = new Map<string, number>();
  let all = 0;
  for (const { retailerId, reasonCode, mechanic, count } of counts) {
    const key = `${retailerId} ${reasonCode}`;
    const known = byCode.get(key) ?? { total: 0, of: new Map<string, number>() };
    known.total += count;
    known.of.set(mechanic, (known.of.get(mechanic) ?? 0) + count);
    byCode.set(key, known);
    overall.set(mechanic, (overall.get(mechanic) ?? 0) + count);
    all += count;
  }
  return (retailerId, reasonCode, mechanic) => {
    const known = byCode.get(`${retailerId} ${reasonCode}`);
    if (!known) return 0;
    const share = ((overall.get(mechanic) ?? 0) + 1) / (all + overall.size + 1);
    return Math.log(((known.of.get(mechanic) ?? 0) + caution * share) / (known.total + caution) / share);
  };
}
