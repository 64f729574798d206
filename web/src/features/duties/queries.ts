import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { DutyConflict, DutyException, DutyReport } from './shapes.ts';

/** The conflicts with the roles and people who hold both sides. */
export const conflictsQuery = queryOptions({
  queryKey: ['duties', 'conflicts'],
  queryFn: async ({ signal }) => (await request<{ items: DutyConflict[] }>('/compliance/duties', { signal })).items,
});

/** Who did both sides with the same record. */
export const reportQuery = (filters: {
  from?: string | undefined;
  to?: string | undefined;
  conflict?: string | undefined;
}) =>
  queryOptions({
    queryKey: ['duties', 'report', filters],
    queryFn: ({ signal }) => request<DutyReport>(`/compliance/duties/report${queryString(filters)}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Exceptions, the latest first. */
export const exceptionsQuery = queryOptions({
  queryKey: ['duties', 'exceptions'],
  queryFn: ({ signal }) => everyItem<DutyException>('/compliance/duties/exceptions', {}, signal),
});
