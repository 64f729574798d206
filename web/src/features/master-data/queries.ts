import { queryOptions } from '@tanstack/react-query';
import { everyItem } from '../../api/request.ts';
import type { FiscalWeek, Money } from '../../api/shapes.ts';

/** A price of a product as it was recorded; a later record of the same dates stands above an earlier one. */
export interface Price {
  id: string;
  productId: string;
  listPrice: Money;
  cost: Money;
  validFrom: string;
  validTo: string | null;
  recordedAt: string;
}

/** A fiscal calendar with the weeks of some years. */
export interface Calendar {
  id: string;
  code: string;
  name: string;
  isDefault: boolean;
  version: number;
  weeks: FiscalWeek[];
}

/** Every price that was ever recorded for a product, the last one first. */
export const pricesQuery = (productId: string) =>
  queryOptions({
    queryKey: ['prices', productId],
    queryFn: ({ signal }) => everyItem<Price>('/prices', { productId }, signal),
  });

/** The fiscal calendars with their weeks of a year to either side. */
export const calendarsQuery = queryOptions({
  queryKey: ['calendars'],
  queryFn: ({ signal }) => everyItem<Calendar>('/calendars', {}, signal),
});
