import type { Module } from '#module';
import { termsData } from './personal-data.ts';
import type { TermsPorts } from './ports.ts';
import { termsCells } from './terms-cells.ts';
import { termsDuties } from './terms-duties.ts';
import { termsRoutes } from './terms-routes.ts';
import { termsScope } from './terms-scope.ts';
import { termsSubjects } from './terms-subjects.ts';
import { termsWatched } from './terms-watch.ts';

/** What the terms module registers with the house, for the shipments and promotions that `ports` read. */
export function termsModule(ports: TermsPorts): Module {
  return {
    name: 'terms',
    personalData: termsData,
    routes: termsRoutes(ports),
    cells: termsCells,
    duties: termsDuties,
    scope: termsScope,
    subjects: termsSubjects,
    watched: termsWatched,
  };
}
