import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { TermChange } from '../features/amendments/shapes.ts';
import { movedBy, today } from '../ui/format.ts';
import type {
  Conflict,
  HistoryItem,
  Plan,
  PostEvent,
  Promotion,
  PromotionInput,
  PromotionRow,
  PromotionVersion,
} from './promotion-shapes.ts';
import { everyItem, queryString, request } from './request.ts';
import type { Customer, FiscalWeek, Fund, PersonName, Product, Role, Task } from './shapes.ts';

const seldomMs = 5 * 60_000;

/** Every customer of the tenant. */
export const customersQuery = queryOptions({
  queryKey: ['customers'],
  queryFn: ({ signal }) => everyItem<Customer>('/customers', {}, signal),
  staleTime: seldomMs,
});

/** Every product of the tenant, competitors included. */
export const productsQuery = queryOptions({
  queryKey: ['products'],
  queryFn: ({ signal }) => everyItem<Product>('/products', {}, signal),
  staleTime: seldomMs,
});

const calendarYears = 3;

/** The weeks of the default fiscal calendar, three years to either side of today. */
export const weeksQuery = queryOptions({
  queryKey: ['weeks'],
  queryFn: async ({ signal }) => {
    const range = { from: movedBy(today(), -366 * calendarYears), to: movedBy(today(), 366 * calendarYears) };
    const calendars = await everyItem<{ isDefault: boolean; weeks: FiscalWeek[] }>('/calendars', range, signal);
    return (calendars.find((calendar) => calendar.isDefault) ?? calendars[0])?.weeks ?? [];
  },
  staleTime: seldomMs,
});

/** Every fund with what it holds. */
export const fundsQuery = queryOptions({
  queryKey: ['funds'],
  queryFn: ({ signal }) => everyItem<Fund>('/funds', {}, signal),
});

/** The promotions that overlap a range of dates, or all. */
export const promotionsQuery = (
  filters: { from?: string | undefined; to?: string | undefined; search?: string | undefined } = {},
) =>
  queryOptions({
    queryKey: ['promotions', filters],
    queryFn: ({ signal }) => everyItem<PromotionRow>('/promotions', filters, signal),
    placeholderData: keepPreviousData,
  });

/** One promotion with its tactics. */
export const promotionQuery = (id: string) =>
  queryOptions({
    queryKey: ['promotion', id],
    queryFn: ({ signal }) => request<Promotion>(`/promotions/${id}`, { signal }),
  });

/** The stored plan of a promotion. */
export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ['plan', id],
    queryFn: ({ signal }) => request<Plan>(`/promotions/${id}/plan`, { signal }),
  });

/** What a promotion would sell, cost and earn, without storing it. */
export const previewQuery = (input: PromotionInput | null) =>
  queryOptions({
    queryKey: ['preview', input],
    queryFn: ({ signal }) =>
      request<Plan>('/promotions/preview', { method: 'POST', body: input, signal, storesNothing: true }),
    enabled: input !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });

/** The promotions that a promotion conflicts with. */
export const conflictsQuery = (id: string) =>
  queryOptions({
    queryKey: ['conflicts', id],
    queryFn: ({ signal }) => request<{ items: Conflict[] }>(`/promotions/${id}/conflicts`, { signal }),
  });

/** What happened to a promotion. */
export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ['history', id],
    queryFn: ({ signal }) => request<{ items: HistoryItem[] }>(`/promotions/${id}/history`, { signal }),
  });

/** The versions of a promotion. */
export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['history', id, 'versions'],
    queryFn: ({ signal }) =>
      request<{ items: (PromotionVersion & { changes: TermChange[] })[] }>(`/promotions/${id}/versions`, { signal }),
  });

/** What an ended promotion really earned. */
export const postEventQuery = (id: string) =>
  queryOptions({
    queryKey: ['post-event', id],
    queryFn: ({ signal }) => request<PostEvent>(`/promotions/${id}/post-event`, { signal }),
    retry: false,
  });

/** The open tasks that the person may act on. */
export const tasksQuery = queryOptions({
  queryKey: ['tasks'],
  queryFn: ({ signal }) => everyItem<Task>('/tasks', { mine: true, state: 'open' }, signal, 2),
  refetchInterval: 60_000,
});

/** Names of the active people; with a permission, only of those who hold it. */
export const namesQuery = (permission?: string) =>
  queryOptions({
    queryKey: ['names', permission ?? ''],
    queryFn: ({ signal }) => request<{ items: PersonName[] }>(`/people${queryString({ permission })}`, { signal }),
    staleTime: seldomMs,
  });

/** The roles of the tenant. */
export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: ({ signal }) => request<{ items: Role[] }>('/roles', { signal }),
  staleTime: seldomMs,
});
