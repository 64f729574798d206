import { queryOptions } from '@tanstack/react-query';
import { queryString, request } from '../../api/request.ts';
import type { DetectionRule, Incident, IncidentDetail } from './shapes.ts';

/** The latest incidents are looked at so often: an alert follows an attack within seconds. */
const freshMs = 5_000;

/** The latest 100 incidents in a state. */
export const incidentsQuery = (state: string, rule: string | undefined) =>
  queryOptions({
    queryKey: ['security', 'incidents', state, rule],
    queryFn: ({ signal }) =>
      request<{ items: Incident[]; nextCursor: string | null }>(
        `/security/incidents${queryString({ limit: '100', state: state === 'all' ? undefined : state, rule })}`,
        { signal },
      ),
    refetchInterval: freshMs,
  });

/** One incident with its evidence. */
export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['security', 'incident', id],
    queryFn: ({ signal }) => request<IncidentDetail>(`/security/incidents/${id}`, { signal }),
    refetchInterval: freshMs,
  });

/** The rules with their hit rates. */
export const rulesQuery = queryOptions({
  queryKey: ['security', 'rules'],
  queryFn: ({ signal }) => request<{ items: DetectionRule[] }>('/security/rules', { signal }),
});
