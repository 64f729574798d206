import { queryOptions } from '@tanstack/react-query';
import { everyItem, request } from '../../api/request.ts';
import type {
  Breach,
  BreachDetail,
  Consent,
  ErasurePlan,
  PrivacyRequest,
  PrivacyRequestDetail,
  Processing,
} from './shapes.ts';

/** Requests of a state, what is due first at the top. */
export const requestsQuery = (state: string) =>
  queryOptions({
    queryKey: ['privacy', 'requests', state],
    queryFn: ({ signal }) => everyItem<PrivacyRequest>('/privacy/requests', state === 'all' ? {} : { state }, signal),
  });

/** A request with its steps. */
export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: ['privacy', 'request', id],
    queryFn: ({ signal }) => request<PrivacyRequestDetail>(`/privacy/requests/${id}`, { signal }),
  });

/** What an erasure would do. */
export const erasureQuery = (id: string) =>
  queryOptions({
    queryKey: ['privacy', 'erasure', id],
    queryFn: ({ signal }) => request<ErasurePlan>(`/privacy/requests/${id}/erasure`, { signal }),
  });

/** Consents and withdrawals, the newest first. */
export const consentsQuery = queryOptions({
  queryKey: ['privacy', 'consents'],
  queryFn: ({ signal }) => everyItem<Consent>('/privacy/consents', {}, signal),
});

/** Breaches, the newest first. */
export const breachesQuery = queryOptions({
  queryKey: ['privacy', 'breaches'],
  queryFn: ({ signal }) => everyItem<Breach>('/privacy/breaches', {}, signal),
});

/** A breach with its steps. */
export const breachQuery = (id: string) =>
  queryOptions({
    queryKey: ['privacy', 'breach', id],
    queryFn: ({ signal }) => request<BreachDetail>(`/privacy/breaches/${id}`, { signal }),
  });

/** The record of processing. */
export const processingQuery = queryOptions({
  queryKey: ['privacy', 'processing'],
  queryFn: ({ signal }) => everyItem<Processing>('/privacy/processing', {}, signal),
});
