import { queryOptions } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type { BreachChange, Invariant } from './shapes.ts';

const refreshMs = 10_000;

/** Every invariant and how it stood when it was last looked at. */
export const invariantsQuery = queryOptions({
  queryKey: ['invariants'],
  queryFn: ({ signal }) =>
    request<{ checkedEverySeconds: number; items: Invariant[] }>('/monitoring/invariants', { signal }),
  refetchInterval: refreshMs,
});

/** The newest breaches that were found or are gone. */
export const breachesQuery = queryOptions({
  queryKey: ['invariants', 'breaches'],
  queryFn: ({ signal }) => request<Page<BreachChange>>('/monitoring/invariants/breaches?limit=50', { signal }),
  refetchInterval: refreshMs,
});
