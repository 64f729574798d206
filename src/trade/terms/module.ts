import type { Module } from '#module';
import type { TermsPorts } from './ports.ts';
import { termsCells } from './terms-cells.ts';
import { termsRoutes } from './terms-routes.ts';
import { termsSubjects } from './terms-subjects.ts';

/** What the terms module registers with the house, for the shipments and promotions that `ports` read. */
export function termsModule(ports: TermsPorts): Module {
  return { name: 'terms', routes: termsRoutes(ports), cells: termsCells, subjects: termsSubjects };
}
