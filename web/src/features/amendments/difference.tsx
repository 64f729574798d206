import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { customersQuery, fundsQuery, productsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { FigureSource } from '../../ui/figure-sheet.tsx';
import { dateText, isNegative, moneyText, ratioText, wordsOf } from '../../ui/format.ts';
import { Opening } from '../../ui/values.tsx';
import type { AmendmentFigures, Difference, TermChange } from './shapes.ts';

const fieldWords: Record<string, string> = {
  name: 'Name',
  customerId: 'Customer',
  startsOn: 'In store from',
  endsOn: 'In store until',
  shipStartsOn: 'Ships from',
  shipEndsOn: 'Ships until',
  claimByOn: 'Claims until',
  productIds: 'Products',
  fundSplit: 'Paid by',
  rate: 'Rate',
  lumpSum: 'Lump sum',
  passThrough: 'Pass-through',
  redemptionRate: 'Redemption rate',
};

/** A field of the terms in the words of the form. */
function fieldText({ field, tactic }: TermChange): string {
  if (field === 'tactic') return 'Tactic';
  const words = (tactic && { startsOn: 'From', endsOn: 'Until' }[field]) ?? fieldWords[field] ?? wordsOf(field);
  return words;
}

type NameOf = (id: string) => string;

function useNames(): NameOf {
  const may = useMay();
  const products = useQuery(productsQuery).data;
  const customers = useQuery(customersQuery).data;
  const funds = useQuery({ ...fundsQuery, enabled: may('funds:read') }).data;
  return useMemo(() => {
    const names = new Map(
      [...(products ?? []), ...(customers ?? []), ...(funds ?? [])].map((each) => [each.id, each.name]),
    );
    return (id) => names.get(id) ?? id.slice(0, 8);
  }, [products, customers, funds]);
}

interface Rate {
  amount: string;
  currency: string;
  per: string;
}

const rateText = ({ amount, currency, per }: Rate) =>
  per === 'percent' ? `${amount} %` : `${moneyText({ amount, currency })} per ${per}`;

/** A decimal as stored, without the zeros that say nothing. */
const plain = (decimal: string) => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal);

function valueText(field: string, value: unknown, nameOf: NameOf): string {
  if (value === null || value === undefined) return '–';
  if (field === 'tactic') return 'in the promotion';
  if (field === 'productIds') return (value as string[]).map(nameOf).join(', ');
  if (field === 'customerId') return nameOf(value as string);
  if (field === 'fundSplit')
    return (value as { fundId: string; share: string }[])
      .map(({ fundId, share }) => `${nameOf(fundId)} ${ratioText(share, 0)}`)
      .join(', ');
  if (field === 'rate') return rateText(value as Rate);
  if (field === 'passThrough' || field === 'redemptionRate') return ratioText(value as string, 0);
  if (field === 'tiers') {
    const { method, steps } = value as { method: string; steps: { from: string; rate: string }[] };
    return `${method}: ${steps.map(({ from, rate }) => `${rate} from ${from}`).join(', ')}`;
  }
  if (typeof value === 'string') {
    if (/^\d{4}-\d\d-\d\d$/.test(value)) return dateText(value);
    return /^-?\d+(\.\d+)?$/.test(value) ? plain(value) : wordsOf(value);
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What the two sides of a difference are called. */
type Sides = readonly [string, string];
const amended: Sides = ['Before', 'After'];

/** What changes, field by field: what it was and what it is. */
export function Changes({ changes, sides = amended }: { changes: readonly TermChange[]; sides?: Sides }) {
  const nameOf = useNames();
  if (changes.length === 0) return <div className="notice t-dim">No term changes.</div>;
  return (
    <table className="grid tight wrap">
      <thead>
        <tr>
          <th>Term</th>
          <th>{sides[0]}</th>
          <th>{sides[1]}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={`${change.tactic?.id ?? ''}${change.field}`}>
            <td>
              {fieldText(change)}
              {change.tactic && <div className="t-faint t-sm">{wordsOf(change.tactic.mechanic)}</div>}
            </td>
            <td className="num t-dim">{valueText(change.field, change.before, nameOf)}</td>
            <td className="num">{valueText(change.field, change.after, nameOf)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One side of a comparison, and where its figures (`eventSpend`, `netProfit`, `netRoi`) explain themselves. */
type Side = AmendmentFigures & { source(figure: string): FigureSource };

/** The plan of a promotion as it was believed at an instant. */
export const planOf = (promotionId: string, asOf: string) => (figure: string) => ({
  address: `/api/v1/promotions/${promotionId}/plan?asOf=${encodeURIComponent(asOf)}#/figures/${figure}`,
});

/** The plan of a promotion that was kept last. */
export const keptPlanOf = (promotionId: string) => (figure: string) => ({
  address: `/api/v1/promotions/${promotionId}/plan?as=kept#/figures/${figure}`,
});

/** The plan of a promotion as it was believed before something was written. */
export const planBefore = (promotionId: string, written: string) =>
  planOf(promotionId, new Date(Date.parse(written) - 1).toISOString());

/** The plan that an amendment was proposed with. */
export const amendedPlanOf =
  ({ promotionId, id }: { promotionId: string; id: string }) =>
  (figure: string) => ({ address: `/api/v1/promotions/${promotionId}/amendments/${id}#/plan/figures/${figure}` });

/** Spend, profit and ROI before and after, side by side. */
export function FigureDifference({ before, after, sides = amended }: { before: Side; after: Side; sides?: Sides }) {
  const figure = (of: 'spend' | 'netProfit' | 'netRoi', name: string) => (side: Side) => {
    const value = side[of];
    if (value === null) return <span className="t-faint">–</span>;
    return (
      <Opening source={side.source(name)} label={wordsOf(name)} negative={isNegative(value)}>
        {typeof value === 'string' ? ratioText(value) : moneyText(value)}
      </Opening>
    );
  };
  const rows = [
    { label: 'Planned spend', of: figure('spend', 'eventSpend') },
    { label: 'Net profit', of: figure('netProfit', 'netProfit') },
    { label: 'Net ROI', of: figure('netRoi', 'netRoi') },
    { label: 'In store', of: ({ startsOn, endsOn }: Side) => `${dateText(startsOn, false)} – ${dateText(endsOn)}` },
  ];
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th />
          <th className="right">{sides[0]}</th>
          <th className="right">{sides[1]}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, of }) => (
          <tr key={label}>
            <td>{label}</td>
            <td className="right num t-dim">{of(before)}</td>
            <td className="right num">{of(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Why an amendment needs approval, or that it does not. */
export function Needs({ beyond }: { beyond: Difference['beyond'] }) {
  if (beyond.length === 0)
    return <div className="notice t-dim">Within the tolerance: it applies at once, as a new version.</div>;
  return (
    <div className="notice" data-severity="warn">
      <div>
        Needs approval; until then the present terms stay in force.
        <ul className="problem-errors">
          {beyond.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
