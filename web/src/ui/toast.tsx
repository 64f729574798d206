import { Notification } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { adviceFor, asProblem } from '../api/problem.ts';

interface Toast {
  id: number;
  title: string;
  detail?: string;
  color: 'accent' | 'red' | 'teal';
}

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function put(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function show(toast: Omit<Toast, 'id'>, forMs: number): void {
  lastId += 1;
  const id = lastId;
  put([...toasts.slice(-3), { ...toast, id }]);
  setTimeout(() => put(toasts.filter((each) => each.id !== id)), forMs);
}

/** Says that something worked. */
export function sayDone(title: string, detail?: string): void {
  show({ title, color: 'teal', ...(detail ? { detail } : {}) }, 4_000);
}

/** Says what was refused and what to do next. */
export function sayRefused(error: unknown): void {
  const problem = asProblem(error);
  const detail = [problem.detail, adviceFor(problem)].filter(Boolean).join(' ');
  show({ title: problem.title, detail, color: 'red' }, 9_000);
}

/** Where the short messages appear. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <Notification
          key={toast.id}
          title={toast.title}
          color={toast.color}
          onClose={() => put(toasts.filter((each) => each.id !== toast.id))}
        >
          {toast.detail}
        </Notification>
      ))}
    </div>
  );
}
