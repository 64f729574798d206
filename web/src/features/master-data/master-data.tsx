import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFileImport, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { customersQuery, productsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Customer, Product } from '../../api/shapes.ts';
import { AsOfField } from '../../ui/as-of-field.tsx';
import { ExportButton } from '../../ui/export-button.tsx';
import { countText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { Calendars } from './calendars.tsx';
import { CustomerDetail } from './customer-detail.tsx';
import { FxRates } from './fx-rates.tsx';
import { ProductDetail } from './product-detail.tsx';
import { customersAsOfQuery, productsAsOfQuery } from './queries.ts';
import { type TreeNode, treeRows } from './tree.ts';
import { TreeList } from './tree-list.tsx';

const parts = [
  { value: 'customers', label: 'Customers' },
  { value: 'products', label: 'Products' },
  { value: 'calendars', label: 'Calendars' },
  { value: 'rates', label: 'Exchange rates' },
] as const;
type Part = (typeof parts)[number]['value'];

interface Sight {
  search: string;
  row: string | undefined;
  put(members: { row?: string; search?: string }): void;
}

/** A tree on the left, the picked node on the right. */
function Browse<Node extends TreeNode>({
  nodes,
  sight,
  label,
  aside,
  detail,
}: {
  nodes: readonly Node[];
  sight: Sight;
  label: string;
  aside(node: Node): ReactNode;
  detail(node: Node): ReactNode;
}) {
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set(nodes.filter(({ parentId }) => parentId === null).map(({ id }) => id)),
  );
  const filter = useRef<HTMLInputElement>(null);
  const rows = useMemo(() => treeRows(nodes, { open, search: sight.search }), [nodes, open, sight.search]);
  const shown = nodes.find(({ id }) => id === sight.row) ?? rows[0]?.node;
  const at = rows.findIndex(({ node }) => node.id === shown?.id);
  const putText = useDebouncedCallback((text: string) => sight.put({ search: text }), 150);
  const toggle = (id: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const step = (by: number) => {
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next) sight.put({ row: next.node.id });
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    enter: () => shown && toggle(shown.id),
    '/': () => filter.current?.focus(),
  });
  return (
    <div className="panes" data-picked={sight.row !== undefined}>
      <div className="pane-list" style={{ display: 'flex', flexDirection: 'column', overflow: 'hidden' }}>
        <div style={{ padding: 8 }}>
          <TextInput
            ref={filter}
            aria-label={`Filter ${label}`}
            placeholder={`Filter ${label} by code or name`}
            leftSection={<IconSearch size={14} />}
            defaultValue={sight.search}
            onChange={(event) => putText(event.currentTarget.value)}
          />
        </div>
        {rows.length === 0 && <Empty title="Nothing found">Look for another code or name.</Empty>}
        <TreeList
          rows={rows}
          picked={shown?.id}
          pick={(id) => sight.put({ row: id })}
          toggle={toggle}
          aside={aside}
          label={label}
        />
      </div>
      <div className="pane-detail">
        <Button variant="subtle" className="back" onClick={() => sight.put({ row: '' })}>
          ‹ All {label}
        </Button>
        {shown && detail(shown)}
      </div>
    </div>
  );
}

/** The list as it stands on the screen: filtered, parents named by their code. */
function exported(part: Part, customers: readonly Customer[], products: readonly Product[], search: string) {
  const everything = { open: new Set<string>(), search };
  const shown = <Node extends TreeNode>(nodes: readonly Node[]) =>
    search ? treeRows(nodes, everything).map(({ node }) => node) : nodes;
  if (part === 'products') {
    const codes = new Map(products.map(({ id, code }) => [id, code]));
    return {
      head: ['code', 'name', 'parent_code', 'level', 'units_per_case', 'own'],
      rows: shown(products).map((one) => [
        ...[one.code, one.name, codes.get(one.parentId ?? ''), one.level],
        ...[{ decimal: one.unitsPerCase }, String(one.own)],
      ]),
    };
  }
  const codes = new Map(customers.map(({ id, code }) => [id, code]));
  return {
    head: ['code', 'name', 'parent_code', 'type', 'channel', 'currency'],
    rows: shown(customers).map((one) => [
      ...[one.code, one.name, codes.get(one.parentId ?? ''), one.type, one.channel, one.currency],
    ]),
  };
}

/** Customers, products, prices, calendars and exchange rates: what everything else stands on. */
export function MasterData() {
  const found = useSearch({ from: '/app/master-data' });
  const navigate = useNavigate();
  const may = useMay();
  const part = parts.find(({ value }) => value === found.part)?.value ?? 'customers';
  const isTree = part === 'customers' || part === 'products';
  const { asOf } = found;
  const customers = useQuery({ ...(asOf ? customersAsOfQuery(asOf) : customersQuery), enabled: part === 'customers' });
  const products = useQuery({
    ...(asOf ? productsAsOfQuery(asOf) : productsQuery),
    enabled: part === 'products' && may('products:read'),
  });
  const put = (members: Partial<typeof found>) => {
    const next = Object.fromEntries(Object.entries({ ...found, ...members }).filter(([, value]) => value));
    void navigate({ to: '/master-data', search: next, replace: true });
  };
  const sight: Sight = { search: found.search ?? '', row: found.row, put };
  const asked = part === 'products' ? products : customers;
  const count = isTree ? asked.data?.length : null;
  const actions = (
    <>
      <SegmentedControl
        size="xs"
        aria-label="What to look at"
        data={parts.filter(({ value }) => value !== 'rates' || may('funds:read'))}
        value={part}
        onChange={(value) => put({ part: value, row: '', search: '' })}
      />
      {isTree && <AsOfField asOf={asOf} put={(instant) => put({ asOf: instant })} />}
      {isTree && (
        <ExportButton
          name={asOf ? `${part} as of ${asOf.slice(0, 10)}` : part}
          disabled={!count}
          table={() => exported(part, customers.data ?? [], products.data ?? [], sight.search)}
        />
      )}
      {may('bulk:import') && (
        <Button variant="default" leftSection={<IconFileImport size={14} />} component={Link} to="/imports">
          Import or paste
        </Button>
      )}
    </>
  );
  return (
    <Screen
      title="Master data"
      sub={<span className="num">{count ? `${countText(count)} ${part}` : ''}</span>}
      actions={actions}
      flush
    >
      {part === 'calendars' && <Calendars />}
      {part === 'rates' && <FxRates />}
      {isTree && asked.error && !asked.data && <Refusal error={asked.error} retry={() => void asked.refetch()} />}
      {isTree && asked.isPending && <RowsLoading rows={14} />}
      {isTree && asked.data?.length === 0 && (
        <Empty title={asOf ? `No ${part} were known then` : `No ${part} yet`}>
          {asOf ? 'Choose a later moment.' : 'Import them from a file, or paste them from a spreadsheet.'}
        </Empty>
      )}
      {part === 'customers' && customers.data && customers.data.length > 0 && (
        <Browse
          key={`customers ${asOf ?? ''}`}
          nodes={customers.data}
          sight={sight}
          label="customers"
          aside={({ type }) => type}
          detail={(customer) => (
            <CustomerDetail
              key={`${customer.id} ${customer.version}`}
              customer={customer}
              all={customers.data}
              asOf={asOf}
            />
          )}
        />
      )}
      {part === 'products' && products.data && products.data.length > 0 && (
        <Browse
          key={`products ${asOf ?? ''}`}
          nodes={products.data}
          sight={sight}
          label="products"
          aside={({ level, own }) => (own === false ? `${level}, competitor` : level)}
          detail={(product) => (
            <ProductDetail key={`${product.id} ${product.version}`} product={product} all={products.data} asOf={asOf} />
          )}
        />
      )}
    </Screen>
  );
}
