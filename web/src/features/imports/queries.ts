import { queryOptions } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type { ImportKind, ImportRun, QuarantineRow } from './shapes.ts';

/** The newest imports. */
export const importsQuery = queryOptions({
  queryKey: ['imports'],
  queryFn: ({ signal }) => request<Page<ImportRun>>('/imports?limit=50', { signal }),
});

/** The kinds of import and their columns. */
export const importKindsQuery = queryOptions({
  queryKey: ['import-kinds'],
  queryFn: ({ signal }) => request<{ items: ImportKind[] }>('/imports/kinds', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

const finalStatus = /^(finished|failed|refused)$/;

/** Whether an import will change no more. */
export function isFinal(run: { status: string }): boolean {
  return finalStatus.test(run.status);
}

/** One import; asks again every second until it is done. */
export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['import', id],
    queryFn: ({ signal }) => request<ImportRun>(`/imports/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isFinal(query.state.data) ? false : 1_000),
  });

/** The rows of an import that did not map. */
export const quarantineQuery = (id: string) =>
  queryOptions({
    queryKey: ['import', id, 'quarantine'],
    queryFn: ({ signal }) => request<Page<QuarantineRow>>(`/imports/${id}/quarantine?limit=200`, { signal }),
  });
