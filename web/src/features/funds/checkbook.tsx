import type { Figure, Money } from '../../api/shapes.ts';
import { amountText } from '../../ui/format.ts';
import { FigureValueButton } from '../../ui/values.tsx';
import { type Column, columns } from './shapes.ts';

/** What the columns are called, and what they are in a few words. */
export const columnWords: Record<Column, { label: string; what: string }> = {
  budgeted: { label: 'Budgeted', what: 'Deposits ± transfers ± adjustments' },
  planned: { label: 'Planned', what: 'Drafts; takes nothing' },
  reserved: { label: 'Reserved', what: 'Submitted or proposed, not decided' },
  committed: { label: 'Committed', what: 'Approved' },
  earned: { label: 'Earned', what: 'Shipped, scanned or performed' },
  paid: { label: 'Paid', what: 'Settled' },
  available: { label: 'Available', what: 'Budgeted − Σ per tactic max(Reserved + Committed, Earned)' },
};

const moneyOf = (figure: Figure): Money => figure.value as Money;

/** Commitment, reservation and earnings as parts of the budget; decoration beside the figures. */
function Bar({ figures }: { figures: Record<Column, Figure> }) {
  const total = Number(moneyOf(figures.budgeted).amount);
  if (!(total > 0)) return null;
  const share = (column: Column) => Math.max(0, Number(moneyOf(figures[column]).amount) / total);
  const width = (part: number) => `${Math.min(100, part * 100)}%`;
  const earned = Math.min(share('earned'), 1);
  return (
    <div
      style={{ display: 'flex', height: 8, borderRadius: 4, overflow: 'hidden', background: 'var(--bg-hover)' }}
      aria-hidden="true"
    >
      <span style={{ width: width(earned), background: 'var(--chart-actual)' }} />
      <span style={{ width: width(share('committed') - earned), background: 'var(--accent)' }} />
      <span style={{ width: width(share('reserved')), background: 'var(--chart-area)' }} />
    </div>
  );
}

/** The seven columns; each opens its formula, and shows the entries it is made of. */
export function CheckbookKpis({
  figures,
  currency,
  picked,
  pick,
}: {
  figures: Record<Column, Figure> | undefined;
  currency: string;
  picked?: Column | undefined;
  /** Absent: the entries are not on this screen. */
  pick?: (column: Column | undefined) => void;
}) {
  return (
    <>
      <div className="kpis seven">
        {columns.map((column) => {
          const { label, what } = columnWords[column];
          const figure = figures?.[column];
          return (
            <div className="kpi" key={column} title={what}>
              <span className="label">{label}</span>
              <span className="value num" style={{ fontSize: 15 }}>
                {figure ? (
                  <FigureValueButton figure={figure} label={label}>
                    {amountText(moneyOf(figure), true)}
                  </FigureValueButton>
                ) : (
                  '\u00a0'
                )}
              </span>
              <span className="interval row spread">
                {currency}
                {pick && (
                  <button
                    type="button"
                    className="plain t-sm"
                    aria-pressed={picked === column}
                    aria-label={`Entries of ${label}`}
                    onClick={() => pick(picked === column ? undefined : column)}
                  >
                    {picked === column ? <b>entries ×</b> : 'entries'}
                  </button>
                )}
              </span>
            </div>
          );
        })}
      </div>
      {figures && <Bar figures={figures} />}
    </>
  );
}
