import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { productsQuery } from '../../api/queries.ts';
import { inTreeOrder } from '../workspace/pickers.tsx';

const indent = (depth: number) => '\u2003'.repeat(Math.min(depth, 4));

/** Picks one own product of any level, or all of them. */
export function ProductSelect({
  value,
  onChange,
  label,
  disabled,
}: {
  value: string;
  onChange(id: string): void;
  label?: string;
  disabled?: boolean;
}) {
  const products = useQuery(productsQuery);
  const options = useMemo(
    () =>
      inTreeOrder((products.data ?? []).filter((product) => product.own !== false)).map(({ item, depth }) => ({
        ...{ value: item.id, label: item.name, depth },
      })),
    [products.data],
  );
  const depths = useMemo(() => new Map(options.map((option) => [option.value, option.depth])), [options]);
  return (
    <Select
      label={label}
      aria-label={label ?? 'Product'}
      placeholder="All products"
      data={options}
      value={value || null}
      onChange={(id) => onChange(id ?? '')}
      disabled={disabled ?? false}
      searchable
      clearable
      limit={200}
      nothingFoundMessage="No such product"
      renderOption={({ option }) => (
        <span className="cut">
          {indent(depths.get(option.value) ?? 0)}
          {option.label}
        </span>
      )}
    />
  );
}
