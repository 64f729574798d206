import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import type { Finding, Unsupported } from '../workflow/shapes.ts';

/** What a drawn process may name. */
export interface Vocabulary {
  /** Our elements in BPMN, as moddle describes them. */
  extension: Record<string, unknown>;
  effects: {
    name: string;
    title: string;
    /** The type of its answer; null: it has none. */
    answers: string | null;
    inputs: { name: string; title: string; type: string; required: boolean }[];
  }[];
  permissions: string[];
  variableTypes: string[];
}

/** What the server finds in a process that is not kept yet. */
export interface CheckedProcess {
  code: string;
  title: string;
  hash: string;
  unsupported: Unsupported[];
  findings: Finding[];
}

/** What a drawn process may name here. */
export const vocabularyQuery = queryOptions({
  queryKey: ['process-vocabulary'],
  queryFn: ({ signal }) => request<Vocabulary>('/workflows/processes/vocabulary', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What the server finds in a drawing. */
export const drawingCheckQuery = (bpmn: string) =>
  queryOptions({
    queryKey: ['process-check', bpmn],
    queryFn: async ({ signal }) =>
      (
        await request<{ items: CheckedProcess[] }>('/workflows/processes/check', {
          ...{ method: 'POST', storesNothing: true, signal, body: { bpmn } },
        })
      ).items,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
    enabled: bpmn !== '',
  });

/** Business calendars by their codes. */
export const calendarsQuery = queryOptions({
  queryKey: ['business-calendars'],
  queryFn: ({ signal }) => request<{ items: { code: string; name: string }[] }>('/workflows/calendars', { signal }),
});
