import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Plan, PostEvent, Promotion, PromotionInput } from '../../api/promotion-shapes.ts';
import { request } from '../../api/request.ts';
import type { Amendment, AmendmentPreview, TermChange, Tolerance } from './shapes.ts';

/** The amendments of a promotion, the last one first. */
export const amendmentsQuery = (id: string) =>
  queryOptions({
    queryKey: ['promotion', id, 'amendments'],
    queryFn: ({ signal }) => request<{ items: Amendment[] }>(`/promotions/${id}/amendments`, { signal }),
  });

/** An amendment with the plan that it was proposed with. */
export const amendmentQuery = (promotionId: string, id: string) =>
  queryOptions({
    queryKey: ['promotion', promotionId, 'amendments', id],
    queryFn: ({ signal }) =>
      request<Amendment & { plan: Plan }>(`/promotions/${promotionId}/amendments/${id}`, { signal }),
  });

/** How far an amendment may go without approval. */
export const toleranceQuery = queryOptions({
  queryKey: ['amendment-tolerance'],
  queryFn: ({ signal }) => request<Tolerance>('/promotions/amendment-tolerance', { signal }),
});

/** What an amendment would change, without storing it. */
export const amendPreviewQuery = (id: string, input: Partial<PromotionInput> | null) =>
  queryOptions({
    queryKey: ['preview', 'amend', id, input],
    queryFn: ({ signal }) =>
      request<AmendmentPreview>(`/promotions/${id}/amend/preview`, {
        ...{ method: 'POST', body: input, signal, storesNothing: true },
      }),
    enabled: input !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });

/** A promotion as it stood at an instant. */
export const promotionAsOfQuery = (id: string, asOf: string) =>
  queryOptions({
    queryKey: ['history', id, 'as-of', asOf],
    queryFn: ({ signal }) => request<Promotion>(`/promotions/${id}?asOf=${asOf}`, { signal }),
    retry: false,
  });

/** The plan that was believed at an instant. */
export const planAsOfQuery = (id: string, asOf: string) =>
  queryOptions({
    queryKey: ['history', id, 'plan-as-of', asOf],
    queryFn: ({ signal }) => request<Plan>(`/promotions/${id}/plan?asOf=${asOf}`, { signal }),
    retry: false,
  });

/** The measurement that was believed at an instant. */
export const postEventAsOfQuery = (id: string, asOf: string) =>
  queryOptions({
    queryKey: ['history', id, 'post-event-as-of', asOf],
    queryFn: ({ signal }) => request<PostEvent>(`/promotions/${id}/post-event?asOf=${asOf}`, { signal }),
    retry: false,
  });

/** What changed of a promotion since an instant. */
export const changesSinceQuery = (id: string, from: string) =>
  queryOptions({
    queryKey: ['history', id, 'changes', from],
    queryFn: ({ signal }) =>
      request<{ from: number; to: number; items: TermChange[] }>(`/promotions/${id}/changes?from=${from}`, { signal }),
    retry: false,
  });
