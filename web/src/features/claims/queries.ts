import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Money, Page } from '../../api/shapes.ts';
import type {
  AgeBucket,
  FullItem,
  ItemKind,
  MatchModel,
  Paper,
  QueuedItem,
  ReasonCode,
  Settlement,
  Suggestions,
  WriteOffLimit,
} from './shapes.ts';

// Everything here is below the key `desk`, so that any change of an item refreshes all of it.

/** The stations of the desk and the states that wait at each. */
export const stations = [
  { key: 'match', label: 'To match', states: ['captured', 'categorised', 'needs_research'] },
  { key: 'review', label: 'To review', states: ['matched'] },
  { key: 'settle', label: 'To settle', states: ['valid', 'partially_valid'] },
  { key: 'refused', label: 'Refused', states: ['invalid', 'disputed'] },
  { key: 'done', label: 'Done', states: ['settled', 'recovered', 'written_off'] },
] as const;
export type Station = (typeof stations)[number]['key'];

/** As many items as the list shows at once. */
const shownAtOnce = 100;

/** The queue of a station, the most urgent money first. */
export const queueQuery = (
  kind: ItemKind,
  filters: { station: Station; search?: string | undefined; sort?: string | undefined },
) =>
  queryOptions({
    queryKey: ['desk', kind, 'queue', filters],
    queryFn: ({ signal }) => {
      const states = stations.find(({ key }) => key === filters.station)?.states.join(',');
      const { search, sort } = filters;
      const path = `/${kind}s${queryString({ states, search: search || undefined, sort, limit: shownAtOnce })}`;
      return request<Page<QueuedItem>>(path, { signal });
    },
    placeholderData: keepPreviousData,
    // Others work on the same queue.
    refetchInterval: 20_000,
  });

/** One item with its matches. */
export const itemQuery = (kind: ItemKind, id: string) =>
  queryOptions({
    queryKey: ['desk', kind, 'item', id],
    queryFn: ({ signal }) => request<FullItem>(`/${kind}s/${id}`, { signal }),
  });

/** What matching says of an item now. */
export const suggestionsQuery = (kind: ItemKind, id: string) =>
  queryOptions({
    queryKey: ['desk', kind, 'suggestions', id],
    queryFn: ({ signal }) => request<Suggestions>(`/${kind}s/${id}/suggestions`, { signal }),
  });

/** The papers of an item. */
export const papersQuery = (kind: ItemKind, id: string) =>
  queryOptions({
    queryKey: ['desk', kind, 'papers', id],
    queryFn: ({ signal }) => request<{ items: Paper[] }>(`/${kind}s/${id}/attachments`, { signal }),
  });

/** Open money by the days to the deadline. */
export const ageingQuery = (kind: ItemKind) =>
  queryOptions({
    queryKey: ['desk', kind, 'ageing'],
    queryFn: ({ signal }) => request<{ on: string; items: AgeBucket[] }>(`/${kind}s/ageing`, { signal }),
  });

/** What settled an item. */
export const settlementsQuery = (id: string) =>
  queryOptions({
    queryKey: ['desk', 'settlements', id],
    queryFn: ({ signal }) => request<Page<Settlement>>(`/settlements?itemId=${id}`, { signal }),
  });

/** What the retailers' reason codes mean. */
export const reasonCodesQuery = queryOptions({
  queryKey: ['desk', 'reason-codes'],
  queryFn: ({ signal }) => everyItem<ReasonCode>('/reason-codes', {}, signal),
});

/** Up to which amount exact evidence is settled without a person. */
export const autoSettlementQuery = queryOptions({
  queryKey: ['desk', 'auto-settlement'],
  queryFn: ({ signal }) => request<{ limit: Money | null; setAt: string | null }>('/auto-settlement', { signal }),
});

/** What each person may write off. */
export const writeOffLimitsQuery = queryOptions({
  queryKey: ['desk', 'write-off-limits'],
  queryFn: ({ signal }) => request<{ items: WriteOffLimit[] }>('/write-off-limits', { signal }),
});

/** The model that ranks matches. */
export const modelQuery = queryOptions({
  queryKey: ['desk', 'match-model'],
  queryFn: ({ signal }) => request<MatchModel>('/match-model', { signal }),
});
