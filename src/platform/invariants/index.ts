import type { Invariant, Module } from '#module';
import { invariantRoutes } from './invariant-routes.ts';

export { checkInvariants } from './check-invariants.ts';
export { InvariantLoop } from './invariant-loop.ts';

/** What the page of invariants needs of the house, for the invariants that its modules declare. */
export function invariantsModule(invariants: readonly Invariant[]): Module {
  return { name: 'invariants', routes: invariantRoutes(invariants) };
}
