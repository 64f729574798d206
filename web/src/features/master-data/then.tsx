import { useQuery } from '@tanstack/react-query';
import { customersQuery, productsQuery } from '../../api/queries.ts';
import { instantText } from '../../ui/format.ts';
import type { TreeNode } from './tree.ts';

const pathOf = (node: TreeNode | undefined, all: readonly TreeNode[]): string => {
  const nodes = new Map(all.map((one) => [one.id, one]));
  const names: string[] = [];
  for (
    let at = node && nodes.get(node.parentId ?? '');
    at && names.length < nodes.size;
    at = nodes.get(at.parentId ?? '')
  )
    names.unshift(at.name);
  return names.join(' › ');
};

const placeText = (path: string, root: string, below: string) => (path ? `${below} below ${path}` : `${root} a root`);

/** Where a node stood at an instant beside where it stands now; its name and other fields are today's. */
export function Then({
  tree,
  node,
  all,
  asOf,
}: {
  tree: 'customers' | 'products';
  node: TreeNode;
  /** The tree of then. */
  all: readonly TreeNode[];
  asOf: string;
}) {
  const customers = useQuery({ ...customersQuery, enabled: tree === 'customers' });
  const products = useQuery({ ...productsQuery, enabled: tree === 'products' });
  const today: readonly TreeNode[] = (tree === 'customers' ? customers.data : products.data) ?? [];
  const [then, now] = [
    pathOf(node, all),
    pathOf(
      today.find(({ id }) => id === node.id),
      today,
    ),
  ];
  return (
    <div className="notice" role="note">
      <div>
        As of {instantText(asOf)} it {placeText(then, 'was', 'stood')}
        {then === now ? ', as now.' : `; now it ${placeText(now, 'is', 'stands')}.`}
        <div className="t-dim t-sm">Names and other fields are today’s; the trail keeps what they were.</div>
      </div>
    </div>
  );
}
