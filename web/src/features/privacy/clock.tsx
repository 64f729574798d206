import { instantText } from '../../ui/format.ts';
import { useNow } from '../../ui/now.ts';
import type { Breach } from './shapes.ts';

const hourMs = 3_600_000;

/** What is left of the 72 hours. */
export function Clock({ breach }: { breach: Breach }) {
  const now = useNow();
  if (breach.authorityToldAt) return <>told {instantText(breach.authorityToldAt)}</>;
  if (breach.closedAt) return <span className="t-dim">closed</span>;
  const hours = Math.floor((Date.parse(breach.dueAt) - now) / hourMs);
  return <span className={hours < 24 ? 'neg' : undefined}>{hours < 0 ? `${-hours} h late` : `${hours} h left`}</span>;
}
