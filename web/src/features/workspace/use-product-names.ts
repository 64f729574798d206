import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { productsQuery } from '../../api/queries.ts';

/** What products are called, by id. */
export function useProductNames(): (id: string) => string {
  const products = useQuery(productsQuery);
  const names = useMemo(
    () => new Map((products.data ?? []).map((product) => [product.id, product.name])),
    [products.data],
  );
  return (id) => names.get(id) ?? id.slice(0, 8);
}
