import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type { InstanceDetail, InstanceRow, ProcessDetail, ProcessVersion, ShippedProcess } from './shapes.ts';

/** Every version of every process, newest first. */
export const processesQuery = queryOptions({
  queryKey: ['workflow', 'processes'],
  queryFn: ({ signal }) => everyItem<ProcessVersion>('/workflows/processes', {}, signal),
});

/** The processes that come with the product, drawn. */
export const shippedProcessesQuery = queryOptions({
  queryKey: ['workflow', 'processes', 'shipped'],
  queryFn: async ({ signal }) =>
    (await request<{ items: ShippedProcess[] }>('/workflows/processes/shipped', { signal })).items,
});

/** A version with its model and what keeps it from being published. */
export const processQuery = (id: string) =>
  queryOptions({
    queryKey: ['workflow', 'process', id],
    queryFn: ({ signal }) => request<ProcessDetail>(`/workflows/processes/${id}`, { signal }),
  });

/** What a version or an instance runs on, as BPMN with a diagram; neither ever changes. */
export const bpmnQuery = (of: 'processes' | 'instances', id: string) =>
  queryOptions({
    queryKey: ['workflow-bpmn', of, id],
    queryFn: async ({ signal }) => (await request<{ bpmn: string }>(`/workflows/${of}/${id}/bpmn`, { signal })).bpmn,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Running and ended processes page by page, newest first. */
export const instancesQuery = (filters: { state: string; definition?: string | undefined; incident?: boolean }) =>
  infiniteQueryOptions({
    queryKey: ['workflow', 'instances', filters],
    queryFn: ({ signal, pageParam }) =>
      request<Page<InstanceRow>>(`/workflows/instances${queryString({ ...filters, cursor: pageParam, limit: 100 })}`, {
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** Timers and messages move a process with nobody at this screen; so it is looked at again while it runs. */
const lookAgainMs = 5_000;

/** A process with where it stands and what happened to it. */
export const instanceQuery = (id: string) =>
  queryOptions({
    queryKey: ['workflow', 'instance', id],
    queryFn: ({ signal }) => request<InstanceDetail>(`/workflows/instances/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? lookAgainMs : false),
  });
