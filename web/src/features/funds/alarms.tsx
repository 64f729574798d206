import type { Fund } from '../../api/shapes.ts';
import { dateText } from '../../ui/format.ts';

const words: Record<string, (fund: Fund) => string> = {
  overdrawn: () => 'Overdrawn',
  nearly_spent: () => 'Under 10 % left',
  expiring: (fund) => `Ends ${dateText(fund.validTo)} with money left`,
};

/** What asks for attention in a fund, each in words. */
export function Alarms({ fund }: { fund: Fund }) {
  if (fund.alarms.length === 0) return null;
  return (
    <span className="row t-sm" style={{ gap: 4 }}>
      {fund.alarms.map((alarm) => (
        <span key={alarm} className="tag" style={{ color: alarm === 'overdrawn' ? 'var(--neg)' : 'var(--warn)' }}>
          {words[alarm]?.(fund) ?? alarm}
        </span>
      ))}
    </span>
  );
}
