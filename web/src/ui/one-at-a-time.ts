import { useRef } from 'react';

/**
 * Starts a write unless the one before is still under way: a second press comes before the button shows that it is
 * busy, and would be sent as a write of its own. What went wrong stays with the mutation, which shows it.
 */
export function useOneAtATime(): (write: () => Promise<unknown>) => void {
  const busy = useRef(false);
  return (write) => {
    if (busy.current) return;
    busy.current = true;
    const free = () => {
      busy.current = false;
    };
    write().then(free, free);
  };
}
