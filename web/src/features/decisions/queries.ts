import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type {
  Checked,
  DecisionDetail,
  DecisionVersion,
  Replay,
  ReplayedApproval,
  ShippedDecision,
  TableDraft,
} from './shapes.ts';

/** Every version of every decision, newest first. */
export const decisionsQuery = queryOptions({
  queryKey: ['decisions', 'versions'],
  queryFn: ({ signal }) => everyItem<DecisionVersion>('/workflows/decisions', {}, signal),
});

/** Decisions that come with the product. */
export const shippedQuery = queryOptions({
  queryKey: ['decisions', 'shipped'],
  queryFn: async ({ signal }) =>
    (await request<{ items: ShippedDecision[] }>('/workflows/decisions/shipped', { signal })).items,
  staleTime: Number.POSITIVE_INFINITY,
});

/** A version with its model. */
export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: ['decisions', 'version', id],
    queryFn: ({ signal }) => request<DecisionDetail>(`/workflows/decisions/${id}`, { signal }),
  });

/** What the server finds in a table that is not kept yet, and its answer to some inputs. */
export const checkQuery = (code: string, { title, inputs, table }: TableDraft, asked: Record<string, unknown> | null) =>
  queryOptions({
    queryKey: ['decision-check', code, title, inputs, table, asked],
    queryFn: ({ signal }) =>
      request<Checked>('/workflows/decisions/check', {
        ...{ method: 'POST', storesNothing: true, signal },
        body: { draft: { code, title, inputs, table }, ...(asked ? { inputs: asked } : {}) },
      }),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });

/** What is replayed: versions of decisions or of processes. */
export type ReplayedKind = 'decisions' | 'processes';

/** A replay under way moves by itself. */
const lookAgainMs = 1_000;
const isUnderWay = (replay: Replay | undefined) => replay?.state === 'queued' || replay?.state === 'running';

/** The latest replay of a version; null where there is none. */
export const latestReplayQuery = (kind: ReplayedKind, versionId: string) =>
  queryOptions({
    queryKey: ['replays', kind, versionId],
    queryFn: async ({ signal }) => {
      const page = await request<Page<Replay>>(`/workflows/${kind}/${versionId}/replays?limit=1`, { signal });
      return page.items[0] ?? null;
    },
    refetchInterval: ({ state }) => (isUnderWay(state.data ?? undefined) ? lookAgainMs : false),
  });

/** Which of a replay's approvals are shown. */
export interface ReplayFilter {
  difference?: string | undefined;
  breach?: string | undefined;
  step?: string | undefined;
  row?: string | undefined;
  group?: string | undefined;
}

/** Approvals that come out otherwise, page by page, the latest first. */
export const replayedQuery = (replayId: string, filter: ReplayFilter) =>
  infiniteQueryOptions({
    queryKey: ['replayed', replayId, filter],
    queryFn: ({ signal, pageParam }) =>
      request<Page<ReplayedApproval>>(
        `/workflows/replays/${replayId}/approvals${queryString({ ...filter, cursor: pageParam, limit: 50 })}`,
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
