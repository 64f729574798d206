import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import type { Item } from './shapes.ts';

/** One change of an item: where it is sent, and what with. */
export interface ItemChange {
  path: string;
  body: unknown;
  ifMatch?: number;
}

/** The change that an action makes of an item, resting on its version. */
export const changeOf = (item: Item, action: string, body: unknown): ItemChange => ({
  path: `/${item.kind}s/${item.id}/${action}`,
  body,
  ifMatch: item.version,
});

/** The change that settles the valid amount of an item. */
export const settlingOf = (item: Item, kind: string, note: string, beyondLiability: boolean): ItemChange => ({
  path: '/settlements',
  body: { itemKind: item.kind, itemId: item.id, kind, note, beyondLiability },
  ifMatch: item.version,
});

/** Sends changes of items, one at a time, and refreshes the desk, the books and the funds after each. */
export function useItemChange(done?: () => void) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const mutation = useMutation({
    mutationFn: ({ path, body, ifMatch }: ItemChange) =>
      request<unknown>(path, { method: 'POST', body, ...(ifMatch === undefined ? {} : { ifMatch }) }),
    onSuccess: () => done?.(),
    onSettled: () => {
      for (const key of ['desk', 'accruals', 'funds']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  return {
    send: (change: ItemChange) => once(() => mutation.mutateAsync(change)),
    error: mutation.error,
    busy: mutation.isPending,
  };
}
