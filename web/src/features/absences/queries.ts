import { queryOptions } from '@tanstack/react-query';
import { everyItem, request } from '../../api/request.ts';
import type { Absence, Gap } from './shapes.ts';

/** Absences that are not over: one's own and those that one stands in for. */
export const ownAbsencesQuery = queryOptions({
  queryKey: ['absences', 'own'],
  queryFn: ({ signal }) => everyItem<Absence>('/absences', { mine: true }, signal),
});

/** Absences of everybody that are not over. */
export const absencesQuery = queryOptions({
  queryKey: ['absences', 'all'],
  queryFn: ({ signal }) => everyItem<Absence>('/absences', { mine: false }, signal),
});

/** What known absences leave to nobody. */
export const forecastQuery = queryOptions({
  queryKey: ['absences', 'forecast'],
  queryFn: async ({ signal }) => (await request<{ items: Gap[] }>('/workflows/forecast', { signal })).items,
});
