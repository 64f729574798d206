import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { queryString, request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type {
  AuditEntry,
  Checkpoint,
  InclusionProof,
  LegalHold,
  Retention,
  SealedEntry,
  SigningKey,
  Verification,
} from './shapes.ts';

/** The audit trail page by page, newest first. */
export const auditQuery = (filters: Record<string, string | undefined>) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'entries', filters],
    queryFn: ({ signal, pageParam }) =>
      request<Page<AuditEntry>>(`/audit${queryString({ ...filters, cursor: pageParam, limit: 100 })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** The newest signed checkpoints. */
export const checkpointsQuery = queryOptions({
  queryKey: ['audit', 'checkpoints'],
  queryFn: ({ signal }) => request<{ items: Checkpoint[] }>('/audit/checkpoints?limit=20', { signal }),
  refetchInterval: 5_000,
});

/** The public keys, oldest first. */
export const signingKeysQuery = queryOptions({
  queryKey: ['audit', 'keys'],
  queryFn: ({ signal }) => request<{ items: SigningKey[] }>('/audit/keys', { signal }),
});

/** The latest verifications; asked again while one runs. */
export const verificationsQuery = queryOptions({
  queryKey: ['audit', 'verifications'],
  queryFn: ({ signal }) => request<{ items: Verification[] }>('/audit/verifications', { signal }),
  refetchInterval: ({ state }) => (state.data?.items.some((one) => one.finishedAt === null) ? 1_000 : false),
});

/** How long what is kept. */
export const retentionQuery = queryOptions({
  queryKey: ['audit', 'retention'],
  queryFn: ({ signal }) => request<Retention>('/audit/retention', { signal }),
});

/** Legal holds, newest first. */
export const legalHoldsQuery = queryOptions({
  queryKey: ['audit', 'legal-holds'],
  queryFn: ({ signal }) => request<{ items: LegalHold[] }>('/audit/legal-holds', { signal }),
});

/** What is sealed of an entry, its proof, and the signed checkpoint that it leads to. */
export async function readProof(
  id: string,
): Promise<{ entry: SealedEntry; proof: InclusionProof; checkpoint: Checkpoint }> {
  const [entry, proof] = await Promise.all([
    request<SealedEntry>(`/audit/${id}`),
    request<InclusionProof>(`/audit/${id}/proof`),
  ]);
  const { items } = await request<{ items: Checkpoint[] }>(`/audit/checkpoints?size=${proof.treeSize}`);
  const [checkpoint] = items;
  if (!checkpoint) throw new Error('There is no checkpoint of that size.');
  return { entry, proof, checkpoint };
}
