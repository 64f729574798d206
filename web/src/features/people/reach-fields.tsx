import { ActionIcon, Button, MultiSelect, NativeSelect, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { customersQuery, productsQuery } from '../../api/queries.ts';
import { inTreeOrder } from '../workspace/pickers.tsx';
import { limitedAct } from './reach.tsx';
import type { AmountLimit, Scope } from './shapes.ts';

const limitedPermissions = ['funds:approve', 'claims:settle', 'claims:writeoff', 'promotions:approve'];
const indent = (depth: number) => '\u2003'.repeat(Math.min(depth, 4));

function NodesField({
  label,
  nodes,
  value,
  onChange,
}: {
  label: string;
  nodes: readonly { id: string; parentId: string | null; name: string }[];
  value: string[] | null;
  onChange(ids: string[] | null): void;
}) {
  const options = useMemo(
    () => inTreeOrder(nodes).map(({ item, depth }) => ({ value: item.id, label: item.name, depth })),
    [nodes],
  );
  const depths = useMemo(() => new Map(options.map((option) => [option.value, option.depth])), [options]);
  return (
    <MultiSelect
      label={label}
      placeholder={value ? undefined : 'All of them'}
      data={options}
      value={value ?? []}
      onChange={(ids) => onChange(ids.length > 0 ? ids : null)}
      searchable
      clearable
      limit={200}
      nothingFoundMessage="Nothing of that name"
      renderOption={({ option }) => (
        <span className="cut">
          {indent(depths.get(option.value) ?? 0)}
          {option.label}
        </span>
      )}
    />
  );
}

/** The parts of the two trees that somebody is kept to. */
export function ScopeFields({
  lead = 'Kept to',
  scope,
  onChange,
}: {
  /** What the labels begin with. */
  lead?: string;
  scope: Scope;
  onChange(scope: Scope): void;
}) {
  const customers = useQuery(customersQuery);
  const products = useQuery(productsQuery);
  return (
    <div className="fields">
      <NodesField
        label={`${lead} customers, with all below`}
        nodes={customers.data ?? []}
        value={scope.customers}
        onChange={(ids) => onChange({ ...scope, customers: ids })}
      />
      <NodesField
        label={`${lead} products, with all below`}
        nodes={products.data ?? []}
        value={scope.products}
        onChange={(ids) => onChange({ ...scope, products: ids })}
      />
    </div>
  );
}

const choices = [
  { value: 'part', label: 'a part of the customers or products' },
  { value: 'everything', label: 'everything' },
];
const everything: Scope = { customers: null, products: null };

/** What somebody new is to see: nothing is chosen until one says so, so that nobody gets everything by an oversight. */
export function ScopeChoice({
  label,
  scope,
  onChange,
}: {
  label: string;
  /** Null: not said yet. */
  scope: Scope | null;
  onChange(scope: Scope | null): void;
}) {
  const narrowed = Boolean(scope?.customers ?? scope?.products);
  const [choice, setChoice] = useState(scope ? (narrowed ? 'part' : 'everything') : null);
  const choose = (value: string | null) => {
    setChoice(value);
    onChange(value === 'everything' ? everything : null);
  };
  // A part without a single node would be everything.
  const narrow = (next: Scope) => onChange(next.customers || next.products ? next : null);
  return (
    <div className="stack" style={{ gap: 6 }}>
      <Select
        label={label}
        placeholder="Choose"
        required
        allowDeselect={false}
        data={choices}
        value={choice}
        onChange={choose}
      />
      {choice === 'part' && <ScopeFields scope={scope ?? everything} onChange={narrow} />}
    </div>
  );
}

/** Limits by permission and currency. */
export function LimitFields({
  limits,
  currency,
  onChange,
}: {
  limits: readonly AmountLimit[];
  /** Of a new limit. */
  currency: string;
  onChange(limits: AmountLimit[]): void;
}) {
  const put = (at: number, member: Partial<AmountLimit>) =>
    onChange(limits.map((limit, index) => (index === at ? { ...limit, ...member } : limit)));
  const unused = limitedPermissions.find((one) => !limits.some((limit) => limit.permission === one));
  return (
    <fieldset className="stack" style={{ border: 0, padding: 0, margin: 0, gap: 6 }}>
      <legend className="t-sm">Limits by permission and currency</legend>
      {limits.map((limit, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a limit has no identity before it is saved
        <div className="row" style={{ flexWrap: 'wrap' }} key={at}>
          <NativeSelect
            aria-label="Permission"
            className="grow"
            miw={180}
            data={limitedPermissions.map((one) => ({ value: one, label: limitedAct(one) }))}
            value={limit.permission}
            onChange={(event) => put(at, { permission: event.currentTarget.value })}
          />
          <TextInput
            aria-label="At most"
            placeholder="unlimited"
            inputMode="decimal"
            value={limit.amount ?? ''}
            onChange={(event) => put(at, { amount: event.currentTarget.value.replace(/[^\d.]/g, '') || null })}
          />
          <TextInput
            aria-label="Currency"
            w={80}
            maxLength={3}
            value={limit.currency}
            onChange={(event) => put(at, { currency: event.currentTarget.value.toUpperCase() })}
          />
          <ActionIcon
            variant="subtle"
            aria-label="Remove this limit"
            onClick={() => onChange(limits.filter((_, index) => index !== at))}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={12} />}
          onClick={() => onChange([...limits, { permission: unused ?? 'funds:approve', currency, amount: '0' }])}
        >
          Add a limit
        </Button>
      </div>
    </fieldset>
  );
}
