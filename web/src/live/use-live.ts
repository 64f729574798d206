import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { type Connection, type Frame, live } from './socket.ts';

/** The state of the live connection. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => live.watch(listener),
    () => live.state,
  );
}

/** Hears every frame of `channel` while the component is shown. */
export function useChannel(channel: string, hear: (frame: Frame) => void, active = true): void {
  const current = useRef(hear);
  current.current = hear;
  useEffect(() => {
    if (!active) return;
    return live.subscribe(channel, (frame) => current.current(frame));
  }, [channel, active]);
}

/** Which cached answers an event of an entity makes stale. */
const staleBy: Record<string, readonly string[]> = {
  promotion: ['promotions', 'promotion', 'plan', 'conflicts', 'history', 'post-event', 'tasks'],
  task: ['tasks', 'workflow'],
  process: ['workflow'],
  workflow_instance: ['workflow'],
  fund: ['funds', 'checkbook', 'entries'],
  import: ['imports', 'import', 'post-event', 'plan'],
  tenant: ['plan', 'models'],
  model: ['models', 'plan'],
};

/** Refetches what others changed: bound once, for the whole page. */
export function useLiveRefresh(active: boolean): void {
  const client = useQueryClient();
  const stale = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useChannel(
    'dashboard',
    (frame) => {
      if (frame.type !== 'data_change' && frame.type !== 'gap') return;
      const entity = frame.entity ?? '';
      const keys = frame.type === 'gap' ? Object.values(staleBy).flat() : (staleBy[entity] ?? []);
      for (const key of keys) stale.current.add(key);
      // Events come in bursts (a decision makes four): one round of refetching serves them all.
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        const names = [...stale.current];
        stale.current.clear();
        for (const name of names) void client.invalidateQueries({ queryKey: [name] });
      }, 150);
    },
    active,
  );
}
