import type { Module } from '#module';
import { searchRoutes } from './search-routes.ts';
import type { Subject } from './subject.ts';

export { findSubject, type Subject } from './subject.ts';

/** The search over every kind of thing that the modules declare. */
export function searchModule(subjects: readonly Subject[]): Module {
  return { name: 'search', routes: searchRoutes(subjects) };
}
