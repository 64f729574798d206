import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import type { Task } from '../../api/shapes.ts';
import { sayDone, sayRefused } from '../../ui/toast.tsx';

/** Claims a task, or puts it back where one has claimed it. */
export function useClaim(task: Task) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (what: 'claim' | 'release') => request(`/tasks/${task.id}/${what}`, { method: 'POST' }),
    onSuccess: (_answer, what) => {
      sayDone(what === 'claim' ? 'Claimed' : 'Released', task.title);
      void client.invalidateQueries({ queryKey: ['tasks'] });
    },
    onError: sayRefused,
  });
}
