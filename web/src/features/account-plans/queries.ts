import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type {
  BreakdownItem,
  ComparedColumn,
  GapClosers,
  PlanItem,
  Pnl,
  Scenario,
  ScenarioHead,
  SnapshotItem,
} from './shapes.ts';

/** Every account plan, the latest year first; asks again while one has not been calculated. */
export const plansQuery = queryOptions({
  queryKey: ['account-plans'],
  queryFn: ({ signal }) => everyItem<PlanItem>('/account-plans', {}, signal),
  refetchInterval: (query) =>
    query.state.data?.some((plan) => plan.snapshot === null && plan.refusal === null) ? 2_000 : false,
});

/** The customer P&L of a plan, of its latest snapshot or of one by number. */
export const pnlQuery = (planId: string, snapshot: string | undefined) =>
  queryOptions({
    queryKey: ['account-plans', planId, 'pnl', snapshot ?? 'latest'],
    queryFn: ({ signal }) => request<Pnl>(`/account-plans/${planId}/pnl${queryString({ snapshot })}`, { signal }),
    placeholderData: keepPreviousData,
    enabled: planId !== '',
  });

/** The rows behind the figures of a snapshot. */
export const breakdownQuery = (
  planId: string,
  which: { by: 'account' | 'product' | 'promotion'; period?: number | undefined; snapshot: number },
) =>
  queryOptions({
    queryKey: ['account-plans', planId, 'breakdown', which],
    queryFn: ({ signal }) =>
      request<{ items: BreakdownItem[] }>(`/account-plans/${planId}/breakdown${queryString(which)}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Drafts by what they add to the plan. */
export const gapClosersQuery = (planId: string) =>
  queryOptions({
    queryKey: ['account-plans', planId, 'gap-closers'],
    queryFn: ({ signal }) => request<GapClosers>(`/account-plans/${planId}/gap-closers`, { signal }),
  });

/** The newest snapshots of a plan. */
export const snapshotsQuery = (planId: string) =>
  queryOptions({
    queryKey: ['account-plans', planId, 'snapshots'],
    queryFn: ({ signal }) => request<Page<SnapshotItem>>(`/account-plans/${planId}/snapshots?limit=50`, { signal }),
  });

/** The scenarios of a plan. */
export const scenariosQuery = (planId: string) =>
  queryOptions({
    queryKey: ['scenarios', planId],
    queryFn: ({ signal }) => everyItem<ScenarioHead>('/scenarios', { planId }, signal),
    enabled: planId !== '',
  });

/** One scenario with its figures. */
export const scenarioQuery = (id: string) =>
  queryOptions({
    queryKey: ['scenario', id],
    queryFn: ({ signal }) => request<Scenario>(`/scenarios/${id}`, { signal }),
    enabled: id !== '',
  });

/** A plan beside scenarios of it. */
export const comparisonQuery = (planId: string, scenarioIds: readonly string[]) =>
  queryOptions({
    queryKey: ['scenarios', planId, 'comparison', scenarioIds],
    queryFn: ({ signal }) =>
      request<{ columns: ComparedColumn[] }>(`/account-plans/${planId}/comparison?scenarios=${scenarioIds.join(',')}`, {
        signal,
      }),
    placeholderData: keepPreviousData,
    enabled: planId !== '',
  });
