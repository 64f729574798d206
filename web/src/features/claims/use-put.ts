import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { sayDone } from '../../ui/toast.tsx';

/** Sends a setting of the desk by PUT, says so and refreshes the desk. */
export function usePut(path: string, said: string, done?: () => void) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const mutation = useMutation({
    mutationFn: (body: unknown) => request<unknown>(path, { method: 'PUT', body }),
    onSuccess: () => {
      sayDone(said);
      done?.();
      void client.invalidateQueries({ queryKey: ['desk'] });
    },
  });
  return {
    put: (body: unknown) => once(() => mutation.mutateAsync(body)),
    error: mutation.error,
    busy: mutation.isPending,
  };
}
