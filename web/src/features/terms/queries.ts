import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Agreement, Attainment, Condition, TermsVersion, Waterfall } from './shapes.ts';

/** Every agreement. */
export const agreementsQuery = queryOptions({
  queryKey: ['terms'],
  queryFn: ({ signal }) => everyItem<Agreement>('/terms', {}, signal),
});

/** The versions of an agreement, newest first. */
export const termsVersionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['terms', id, 'versions'],
    queryFn: ({ signal }) => request<{ items: TermsVersion[] }>(`/terms/${id}/versions`, { signal }),
  });

/** Which conditions of an agreement were met. */
export const conditionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['terms', id, 'conditions'],
    queryFn: ({ signal }) => request<{ items: Condition[] }>(`/terms/${id}/conditions`, { signal }),
  });

/** Where the tiers of an agreement stand in a fiscal year. */
export const attainmentQuery = (id: string, fiscalYear: number) =>
  queryOptions({
    queryKey: ['terms', id, 'attainment', fiscalYear],
    queryFn: ({ signal }) => request<Attainment>(`/terms/${id}/attainment?fiscalYear=${fiscalYear}`, { signal }),
  });

/** List → pocket at a customer, on a product or all, in a range of days. */
export const waterfallQuery = (scope: {
  customerId: string;
  productId?: string | undefined;
  from: string;
  to: string;
}) =>
  queryOptions({
    queryKey: ['terms', 'waterfall', scope],
    queryFn: ({ signal }) => request<Waterfall>(`/terms/waterfall${queryString(scope)}`, { signal }),
    placeholderData: keepPreviousData,
    enabled: scope.customerId !== '',
  });
