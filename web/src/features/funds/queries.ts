import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type {
  AccruedWeek,
  BudgetRequest,
  Column,
  DatedEntry,
  FundCheckbook,
  Key,
  KeyedCheckbook,
  Rate,
  Transfer,
} from './shapes.ts';

// Everything here is below the key `funds`, so that any change of money refreshes all of it.

/** A fund's checkbook, now or as of a past instant. */
export const fundCheckbookQuery = (id: string, asOf: string | undefined) =>
  queryOptions({
    queryKey: ['funds', id, 'checkbook', asOf],
    queryFn: ({ signal }) => request<FundCheckbook>(`/funds/${id}/checkbook${queryString({ asOf })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Which entries of a fund are asked for. */
export interface EntryFilters {
  column?: Column | undefined;
  kind?: string | undefined;
  asOf?: string | undefined;
}

/** A fund's newest entries by filters. */
export const fundEntriesQuery = (id: string, filters: EntryFilters) =>
  queryOptions({
    queryKey: ['funds', id, 'entries', filters],
    queryFn: ({ signal }) =>
      request<Page<DatedEntry>>(`/funds/${id}/entries${queryString({ ...filters, limit: 100 })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Checkbooks by account, brand or fiscal period. */
export const checkbooksQuery = (by: Key, asOf: string | undefined) =>
  queryOptions({
    queryKey: ['funds', 'checkbooks', by, asOf],
    queryFn: ({ signal }) =>
      request<{ asOf: string; items: KeyedCheckbook[] }>(`/checkbooks${queryString({ by, asOf })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** The newest entries behind a figure, by the path that the figure gives. */
export const rowsQuery = (path: string) =>
  queryOptions({
    queryKey: ['funds', 'rows', path],
    queryFn: ({ signal }) => request<Page<DatedEntry>>(`${path.replace('/api/v1', '')}&limit=100`, { signal }),
  });

/** Requests for more money for a fund. */
export const budgetRequestsQuery = (id: string) =>
  queryOptions({
    queryKey: ['funds', id, 'budget-requests'],
    queryFn: ({ signal }) => request<Page<BudgetRequest>>(`/funds/${id}/budget-requests?limit=100`, { signal }),
  });

/** Transfers out of and into a fund. */
export const transfersQuery = (id: string) =>
  queryOptions({
    queryKey: ['funds', id, 'transfers'],
    queryFn: ({ signal }) => request<Page<Transfer>>(`/funds/${id}/transfers?limit=100`, { signal }),
  });

/** The rates at which shipments fill a fund. */
export const ratesQuery = (id: string) =>
  queryOptions({
    queryKey: ['funds', id, 'rates'],
    queryFn: ({ signal }) => request<{ items: Rate[] }>(`/funds/${id}/rates`, { signal }),
  });

/** What each week's shipments have put into a fund, the latest first. */
export const accruedWeeksQuery = (id: string) =>
  queryOptions({
    queryKey: ['funds', id, 'accruals'],
    queryFn: ({ signal }) => everyItem<AccruedWeek>(`/funds/${id}/accruals`, {}, signal, 2),
  });
