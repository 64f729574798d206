import { useSyncExternalStore } from 'react';
import { onSignInEnded, refresh, request, signIn, signInBy, signOut } from './request.ts';
import type { User } from './shapes.ts';
import { signInHint } from './sign-in-hint.ts';

let current: User | null = null;
const listeners = new Set<() => void>();

function set(user: User | null): void {
  current = user;
  for (const listener of listeners) listener();
}

onSignInEnded(() => set(null));

/** The person who is signed in, and the ways in and out. */
export const session = {
  get user(): User | null {
    return current;
  },
  /** Takes up the sign-in that the browser still holds, where somebody signed in with it before. */
  async resume(): Promise<void> {
    if (signInHint.get()) await session.takeUp();
  },
  /** Takes up the sign-in whose cookie the server has just set. */
  async takeUp(): Promise<void> {
    set(await refresh().catch(() => null));
  },
  async enter(email: string, password: string): Promise<void> {
    set(await signIn(email, password));
  },
  /** Signs in by another way than a password alone. */
  async enterBy(path: string, body: unknown): Promise<void> {
    set(await signInBy(path, body));
  },
  /** Reads again who is signed in, after something about that has changed. */
  async reload(): Promise<void> {
    set(await request<User>('/auth/me'));
  },
  async leave(): Promise<void> {
    await signOut();
    set(null);
  },
};

/** The person who is signed in, or null. */
export function useUser(): User | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** Whether somebody is kept to a part of the customers or products: what is a sum over the whole tenant is closed to them. */
export function isNarrowed(user: User | null): boolean {
  return Boolean(user?.scope?.customers ?? user?.scope?.products);
}

/** Asks whether the person holds a permission. */
export function useMay(): (permission: string) => boolean {
  const user = useUser();
  return (permission) => user?.permissions.includes(permission) ?? false;
}
