import { useBlocker } from '@tanstack/react-router';

/** Asks before the person leaves what is not saved yet, also when the tab is closed. */
export function useLeaveGuard(unsaved: () => boolean): void {
  useBlocker({
    shouldBlockFn: () => unsaved() && !window.confirm('Leave without saving your changes?'),
    enableBeforeUnload: unsaved,
  });
}
