import { queryOptions } from '@tanstack/react-query';
import { everyItem, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type {
  AccrualRun,
  Checklist,
  CloseReport,
  GlMapping,
  Journal,
  JournalLine,
  Liability,
  Period,
  Proposal,
} from './shapes.ts';

/** Every fiscal period that the books know, the latest first. */
export const periodsQuery = queryOptions({
  queryKey: ['books', 'periods'],
  queryFn: ({ signal }) => everyItem<Period>('/periods', {}, signal),
});

/** What preparing a period would book now. */
export const proposalQuery = (periodId: string) =>
  queryOptions({
    queryKey: ['books', 'proposal', periodId],
    queryFn: ({ signal }) => request<Proposal>(`/accruals/proposal?periodId=${periodId}`, { signal }),
    retry: false,
  });

const watchMs = 1_000;

/** The latest runs of a period; asked again every second while one is under way. */
export const runsQuery = (periodId: string, watched: boolean) =>
  queryOptions({
    queryKey: ['books', 'runs', periodId],
    queryFn: ({ signal }) => request<Page<AccrualRun>>(`/accruals/runs?periodId=${periodId}&limit=5`, { signal }),
    refetchInterval: (query) =>
      watched || query.state.data?.items.some(({ state }) => state === 'running') ? watchMs : false,
  });

/** What each tactic that the person sees earned and still owes. */
export const liabilitiesQuery = queryOptions({
  queryKey: ['books', 'liabilities'],
  queryFn: ({ signal }) => everyItem<Liability>('/accruals', {}, signal),
});

/** The journals of a period. */
export const journalsQuery = (periodId: string) =>
  queryOptions({
    queryKey: ['books', 'journals', periodId],
    queryFn: ({ signal }) => everyItem<Journal>('/journals', { periodId }, signal),
  });

/** A journal with its lines. */
export const journalQuery = (id: string) =>
  queryOptions({
    queryKey: ['books', 'journal', id],
    queryFn: ({ signal }) =>
      request<Journal & { lines: JournalLine[]; lineCount: number }>(`/journals/${id}`, { signal }),
  });

/** What closing a period asks. */
export const checklistQuery = (periodId: string) =>
  queryOptions({
    queryKey: ['books', 'checklist', periodId],
    queryFn: ({ signal }) => request<Checklist>(`/periods/${periodId}/checklist`, { signal }),
  });

/** The close report of a period. */
export const reportQuery = (periodId: string) =>
  queryOptions({
    queryKey: ['books', 'report', periodId],
    queryFn: ({ signal }) => request<CloseReport>(`/periods/${periodId}/report`, { signal }),
  });

/** The accounts of the general ledger that movements go to. */
export const mappingQuery = queryOptions({
  queryKey: ['books', 'mapping'],
  queryFn: ({ signal }) => request<GlMapping>('/gl-mappings', { signal }),
});
