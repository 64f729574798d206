import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Cut, ResultEvent, ResultGroup, ResultRow } from './shapes.ts';

/** Dates within which promotions ended. */
export interface Span {
  from?: string | undefined;
  to?: string | undefined;
}

/** Measured promotions rolled up. */
export const resultsQuery = (by: Cut, span: Span) =>
  queryOptions({
    queryKey: ['post-event', 'results', by, span],
    queryFn: ({ signal }) =>
      request<{ items: ResultRow[]; total: ResultGroup[] }>(
        `/performance/results${queryString({ by, from: span.from, to: span.to })}`,
        { signal },
      ),
    placeholderData: keepPreviousData,
  });

/** The measured promotions of one row, those that ended last first. */
export const resultEventsQuery = (by: Cut, key: string | undefined, span: Span) =>
  queryOptions({
    queryKey: ['post-event', 'events', by, key, span],
    queryFn: ({ signal }) =>
      everyItem<ResultEvent>('/performance/results/events', { by, key, from: span.from, to: span.to }, signal),
    placeholderData: keepPreviousData,
  });
