import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { queryString, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type { EndedInstance, Glance, Paths, ProcessMetrics } from './shapes.ts';

/** Business dates, both inside; absent: the last ninety days. */
export interface Period {
  from: string | undefined;
  to: string | undefined;
}

/** Which instances are looked at. */
export interface Asked extends Period {
  process: string;
  hash: string | undefined;
}

/** Which of them stand behind a figure. */
export interface Behind {
  way?: string | undefined;
  step?: string | undefined;
  next?: string | undefined;
  what?: string | undefined;
}

/** Every process with what ended of it. */
export const glanceQuery = (period: Period) =>
  queryOptions({
    queryKey: ['process-metrics', 'all', period],
    queryFn: ({ signal }) =>
      request<{ from: string; to: string; items: Glance[] }>(`/workflows/metrics${queryString({ ...period })}`, {
        signal,
      }),
    placeholderData: keepPreviousData,
  });

/** Steps, load and queues of a process. */
export const stepsQuery = (asked: Asked) =>
  queryOptions({
    queryKey: ['process-metrics', 'steps', asked],
    queryFn: ({ signal }) =>
      request<ProcessMetrics>(`/workflows/metrics/steps${queryString({ ...asked })}`, { signal }),
  });

/** The ways that its instances took. */
export const pathsQuery = (asked: Asked) =>
  queryOptions({
    queryKey: ['process-metrics', 'paths', asked],
    queryFn: ({ signal }) => request<Paths>(`/workflows/metrics/paths${queryString({ ...asked })}`, { signal }),
  });

/** The instances behind a figure page by page, what ended last first. */
export const behindQuery = (asked: Asked, behind: Behind, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ['process-metrics', 'instances', asked, behind, limit],
    queryFn: ({ signal, pageParam }) =>
      request<Page<EndedInstance>>(
        `/workflows/metrics/instances${queryString({ ...asked, ...behind, cursor: pageParam, limit })}`,
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
