import { MultiSelect, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { customersQuery, fundsQuery, productsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Customer, Product } from '../../api/shapes.ts';
import { amountText, wordsOf } from '../../ui/format.ts';

/** A tree in reading order: each record after its parent, with its depth. */
export function inTreeOrder<Item extends { id: string; parentId: string | null; name: string }>(
  items: readonly Item[],
): { item: Item; depth: number }[] {
  const known = new Set(items.map((item) => item.id));
  const children = new Map<string | null, Item[]>();
  for (const item of items) {
    const parent = item.parentId !== null && known.has(item.parentId) ? item.parentId : null;
    const list = children.get(parent) ?? [];
    list.push(item);
    children.set(parent, list);
  }
  const ordered: { item: Item; depth: number }[] = [];
  const walk = (parent: string | null, depth: number) => {
    const list = (children.get(parent) ?? []).sort((a, b) => a.name.localeCompare(b.name));
    for (const item of list) {
      ordered.push({ item, depth });
      walk(item.id, depth + 1);
    }
  };
  walk(null, 0);
  return ordered;
}

const indent = (depth: number) => '\u2003'.repeat(Math.min(depth, 4));

/** Picks one customer of the tree. */
export function CustomerPicker({
  value,
  onChange,
  disabled,
  label = 'Customer',
  clearable,
}: {
  value: string;
  onChange(id: string): void;
  disabled?: boolean;
  label?: string;
  clearable?: boolean;
}) {
  const customers = useQuery(customersQuery);
  const options = useMemo(
    () =>
      inTreeOrder<Customer>(customers.data ?? []).map(({ item, depth }) => ({
        value: item.id,
        label: item.name,
        depth,
      })),
    [customers.data],
  );
  const depths = useMemo(() => new Map(options.map((option) => [option.value, option.depth])), [options]);
  return (
    <Select
      label={label || undefined}
      aria-label={label || 'Customer'}
      placeholder={customers.isPending ? 'Loading…' : clearable ? 'Any customer' : 'Choose a customer'}
      data={options}
      value={value || null}
      onChange={(id) => onChange(id ?? '')}
      disabled={disabled ?? false}
      searchable
      clearable={clearable ?? false}
      limit={200}
      nothingFoundMessage="No such customer"
      renderOption={({ option }) => (
        <span className="cut">
          {indent(depths.get(option.value) ?? 0)}
          {option.label}
        </span>
      )}
      error={customers.error ? 'Customers could not be loaded' : undefined}
    />
  );
}

/** Picks own products of any level. */
export function ProductPicker({
  value,
  onChange,
  disabled,
}: {
  value: string[];
  onChange(ids: string[]): void;
  disabled?: boolean;
}) {
  const products = useQuery(productsQuery);
  const options = useMemo(() => {
    const own = (products.data ?? []).filter((product) => product.own !== false || value.includes(product.id));
    return inTreeOrder<Product>(own).map(({ item, depth }) => ({
      value: item.id,
      label: item.name,
      depth,
      hint: item.level === 'sku' || !item.level ? item.code : wordsOf(item.level),
    }));
  }, [products.data, value]);
  const hints = useMemo(() => new Map(options.map((option) => [option.value, option])), [options]);
  return (
    <MultiSelect
      label="Products"
      placeholder={value.length === 0 ? 'Choose products' : undefined}
      data={options}
      value={value}
      onChange={onChange}
      disabled={disabled ?? false}
      searchable
      hidePickedOptions
      limit={150}
      maxDropdownHeight={280}
      nothingFoundMessage="No such product"
      renderOption={({ option }) => (
        <span className="row spread grow">
          <span className="cut">
            {indent(hints.get(option.value)?.depth ?? 0)}
            {option.label}
          </span>
          <span className="t-faint t-sm">{hints.get(option.value)?.hint}</span>
        </span>
      )}
    />
  );
}

/** Picks a fund, with what it holds beside it. */
export function FundPicker({
  value,
  onChange,
  disabled,
}: {
  value: string;
  onChange(id: string): void;
  disabled?: boolean;
}) {
  const may = useMay();
  const funds = useQuery({ ...fundsQuery, enabled: may('funds:read') });
  const options = useMemo(() => (funds.data ?? []).map((fund) => ({ value: fund.id, label: fund.name })), [funds.data]);
  const byId = useMemo(() => new Map((funds.data ?? []).map((fund) => [fund.id, fund])), [funds.data]);
  return (
    <Select
      aria-label="Fund"
      placeholder="Choose a fund"
      data={options}
      value={value || null}
      onChange={(id) => onChange(id ?? '')}
      disabled={disabled ?? false}
      searchable
      allowDeselect={false}
      comboboxProps={{ width: 320, position: 'bottom-start' }}
      renderOption={({ option }) => {
        const fund = byId.get(option.value);
        return (
          <span className="row spread grow">
            <span className="cut">{option.label}</span>
            <span className="t-faint t-sm num">
              {amountText(fund?.available, true)} {fund?.currency}
            </span>
          </span>
        );
      }}
    />
  );
}
