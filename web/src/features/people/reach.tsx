import { useQuery } from '@tanstack/react-query';
import { customersQuery, productsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { amountText, wordsOf } from '../../ui/format.ts';
import { MoneyValue } from '../../ui/values.tsx';
import type { AmountLimit, Member, Scope } from './shapes.ts';

/** Names of nodes of both trees, by id, as far as one may see them. */
export function useNodeNames(): (id: string) => string {
  const may = useMay();
  const customers = useQuery({ ...customersQuery, enabled: may('customers:read') });
  const products = useQuery({ ...productsQuery, enabled: may('products:read') });
  const names = new Map([...(customers.data ?? []), ...(products.data ?? [])].map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id.slice(-8);
}

/** Limits that stand instead of the one approval limit: those of approving promotions, by currency. */
export const approvalLimits = (limits: readonly AmountLimit[]) =>
  limits.filter(({ permission }) => permission === 'promotions:approve');

/** Up to what somebody approves promotions; a dash for whoever may not. */
export function ApprovalLimit({
  limits,
  approvalLimit,
  permissions,
}: Pick<Member, 'limits' | 'approvalLimit' | 'permissions'>) {
  if (!permissions.includes('promotions:approve')) return <span className="t-faint">–</span>;
  const own = approvalLimits(limits);
  const amounts =
    own.length > 0
      ? own.map(({ amount, currency }) => (amount === null ? null : { amount, currency }))
      : [approvalLimit];
  return amounts.map((amount, at) => (
    <div key={amount?.currency ?? at}>
      {amount ? <MoneyValue value={amount} whole /> : <span className="t-dim">no limit</span>}
    </div>
  ));
}

/** A scope in words. */
export function scopeText({ customers, products }: Scope, nameOf: (id: string) => string): string {
  const sides = [customers, products].flatMap((nodes) => (nodes ? [nodes.map(nameOf).join(', ')] : []));
  return sides.join(' · ');
}

const limitedActs: Readonly<Record<string, string>> = {
  'promotions:approve': 'Approve promotions',
  'funds:approve': 'Decide transfers and terms',
  'claims:settle': 'Settle claims',
  'claims:writeoff': 'Write off',
};

/** What a permission with a limit lets somebody do. */
export function limitedAct(permission: string): string {
  return limitedActs[permission] ?? wordsOf(permission.replace(':', '_'));
}

/** A limit in words: "Settle claims ≤ 500.00 EUR". */
export function limitText({ permission, currency, amount }: AmountLimit): string {
  const upTo = amount === null ? 'unlimited' : `≤ ${amountText({ amount, currency })} ${currency}`;
  return `${limitedAct(permission)} ${upTo}`;
}

/** What somebody is kept to; nothing said where it is everything. */
export function Reach({ scope, limits }: { scope: Scope; limits: readonly AmountLimit[] }) {
  const nameOf = useNodeNames();
  const narrowed = scopeText(scope, nameOf);
  return (
    <>
      {narrowed ? <div>{narrowed}</div> : <span className="t-faint">everything</span>}
      {limits.map((limit) => (
        <div
          key={`${limit.permission} ${limit.currency}`}
          className="t-dim t-sm num"
          data-plain="a personal limit: the audit trail tells who set it and when"
        >
          {limitText(limit)}
        </div>
      ))}
    </>
  );
}
