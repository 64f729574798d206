import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { customersQuery } from '../../api/queries.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { liabilitiesQuery } from './queries.ts';
import type { Liability } from './shapes.ts';

const sums = [
  ['earned', 'Earned'],
  ['settled', 'Settled'],
  ['released', 'Released'],
] as const;

function Tactics({ items, nameOf }: { items: readonly Liability[]; nameOf(customerId: string): string }) {
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Promotion</th>
          <th>Mechanic</th>
          <th>Customer</th>
          <th>Claim by</th>
          {sums.map(([field, label]) => (
            <th key={field} className="right">
              {label}
            </th>
          ))}
          <th className="right">Open liability</th>
        </tr>
      </thead>
      <tbody>
        {items.map((tactic) => (
          <tr key={tactic.tacticId}>
            <td>
              <Link to="/promotions/$id" params={{ id: tactic.promotionId }}>
                {tactic.promotionCode}
              </Link>
            </td>
            <td>{wordsOf(tactic.mechanic)}</td>
            <td className="cut">{nameOf(tactic.customerId)}</td>
            <td className="num">{dateText(tactic.claimByOn)}</td>
            {sums.map(([field, label]) => (
              <td key={field} className="right">
                <CellValue
                  of={`liability.${field}`}
                  row={tactic}
                  value={tactic[field]}
                  label={`${label}, ${tactic.promotionCode}`}
                  currency={false}
                />
              </td>
            ))}
            <td className="right">
              <CellValue
                of="liability.open"
                row={tactic}
                value={tactic.openLiability}
                label={`Open liability, ${tactic.promotionCode}`}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** For whoever is kept to a part: what its tactics earned and still owe, instead of the sums over the whole tenant. */
export function OwedView() {
  const owed = useQuery(liabilitiesQuery);
  const customers = useQuery(customersQuery);
  const items = owed.data ?? [];
  const nameOf = (id: string) => customers.data?.find((customer) => customer.id === id)?.name ?? '';
  const table = () => ({
    head: ['promotion', 'mechanic', 'customer', 'claim_by', 'earned', 'settled', 'released', 'open', 'currency'],
    rows: items.map((one) => [
      ...[one.promotionCode, one.mechanic, nameOf(one.customerId), one.claimByOn],
      ...[one.earned.amount, one.settled.amount, one.released.amount, one.openLiability.amount, one.earned.currency],
    ]),
  });
  return (
    <>
      <span className="t-dim">
        You are kept to a part of the customers and products: this is what its tactics have earned and still owe, to
        date. Preparing, closing and their reports are sums over the whole business.
      </span>
      {owed.error && <Refusal error={owed.error} retry={() => void owed.refetch()} />}
      {owed.isPending && <RowsLoading rows={8} />}
      {owed.data && items.length === 0 && (
        <Empty title="Nothing is accrued in your part yet">What its tactics earn appears once it is prepared.</Empty>
      )}
      {items.length > 0 && (
        <Panel title="By tactic" className="scrolls" aside={<ExportButton name="owed" table={table} />}>
          <Tactics items={items} nameOf={nameOf} />
        </Panel>
      )}
    </>
  );
}
