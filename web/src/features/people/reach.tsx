import { useQuery } from '@tanstack/react-query';
import { customersQuery, productsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { amountText, wordsOf } from '../../ui/format.ts';
import type { AmountLimit, Scope } from './shapes.ts';

/** Names of nodes of both trees, by id, as far as one may see them. */
export function useNodeNames(): (id: string) => string {
  const may = useMay();
  const customers = useQuery({ ...customersQuery, enabled: may('customers:read') });
  const products = useQuery({ ...productsQuery, enabled: may('products:read') });
  const names = new Map([...(customers.data ?? []), ...(products.data ?? [])].map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id.slice(-8);
}

/** A scope in words. */
export function scopeText({ customers, products }: Scope, nameOf: (id: string) => string): string {
  const sides = [customers, products].flatMap((nodes) => (nodes ? [nodes.map(nameOf).join(', ')] : []));
  return sides.join(' · ');
}

/** A limit in words: "claims settle ≤ 500.00 EUR". */
export function limitText({ permission, currency, amount }: AmountLimit): string {
  const upTo = amount === null ? 'unlimited' : `≤ ${amountText({ amount, currency })} ${currency}`;
  return `${wordsOf(permission.replace(':', '_'))} ${upTo}`;
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
