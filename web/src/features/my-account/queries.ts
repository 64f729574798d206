import { queryOptions } from '@tanstack/react-query';
import { queryString, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type { ApiKey, Factors, Session } from './shapes.ts';

/** What proves who one is. */
export const factorsQuery = queryOptions({
  queryKey: ['my-account', 'factors'],
  queryFn: ({ signal }) => request<Factors>('/auth/factors', { signal }),
  staleTime: 0,
});

/** Where one is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ['my-account', 'sessions'],
  queryFn: async ({ signal }) => (await request<Page<Session>>('/auth/sessions', { signal })).items,
});

/** One's own API keys. */
export const keysQuery = queryOptions({
  queryKey: ['my-account', 'keys'],
  queryFn: async ({ signal }) => (await request<Page<ApiKey>>('/auth/keys', { signal })).items,
});

/** The providers through which a tenant's people sign in. */
export const offeredQuery = (tenant: string) =>
  queryOptions({
    queryKey: ['my-account', 'offered', tenant],
    queryFn: async ({ signal }) =>
      (await request<Page<{ id: string; name: string }>>(`/auth/single-sign-on${queryString({ tenant })}`, { signal }))
        .items,
    enabled: tenant !== '',
  });
