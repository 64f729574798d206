import { queryOptions } from '@tanstack/react-query';
import { everyItem } from '../../api/request.ts';
import type { Customer, Product } from '../../api/shapes.ts';
import type { Calendar, FxRate, Price } from './shapes.ts';

/** Every price that was recorded for a product, up to an instant where one is given; the last one first. */
export const pricesQuery = (productId: string, recordedBy?: string) =>
  queryOptions({
    queryKey: ['prices', productId, recordedBy ?? ''],
    queryFn: ({ signal }) => everyItem<Price>('/prices', { productId, recordedBy }, signal),
  });

/** The customers as their tree stood at an instant. */
export const customersAsOfQuery = (asOf: string) =>
  queryOptions({
    queryKey: ['customers', 'as-of', asOf],
    queryFn: ({ signal }) => everyItem<Customer>('/customers', { asOf }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The products as their tree stood at an instant. */
export const productsAsOfQuery = (asOf: string) =>
  queryOptions({
    queryKey: ['products', 'as-of', asOf],
    queryFn: ({ signal }) => everyItem<Product>('/products', { asOf }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Every exchange rate, the youngest day first. */
export const fxRatesQuery = queryOptions({
  queryKey: ['fx-rates'],
  queryFn: ({ signal }) => everyItem<FxRate>('/fx-rates', {}, signal),
});

/** The fiscal calendars with their weeks of a year to either side. */
export const calendarsQuery = queryOptions({
  queryKey: ['calendars'],
  queryFn: ({ signal }) => everyItem<Calendar>('/calendars', {}, signal),
});
