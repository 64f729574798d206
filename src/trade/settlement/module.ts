import type { Module } from '#module';
import { accrualRoutes } from './books/accrual-routes.ts';
import { glMappingRoutes } from './books/gl-mapping-routes.ts';
import { booksInvariants } from './books/invariants.ts';
import { journalLineRoute } from './books/journal-line-route.ts';
import { journalRoutes } from './books/journal-routes.ts';
import { periodRoutes } from './books/period-routes.ts';
import { claimsRoutes } from './claims/claims-routes.ts';
import { claimsInvariants } from './claims/invariants.ts';
import { matchingDispatch, matchingJobs } from './claims/matching-jobs.ts';
import { settlementData } from './personal-data.ts';
import type { SettlementPorts } from './ports.ts';
import { settlementCells } from './settlement-cells.ts';
import { settlementControls } from './settlement-controls.ts';
import { settlementDuties } from './settlement-duties.ts';
import { settlementScope } from './settlement-scope.ts';
import { settlementSubjects } from './settlement-subjects.ts';
import { settlementWatched } from './settlement-watch.ts';

/** What the settlement module registers with the house, for the promotions and sales that `ports` read. */
export function settlementModule(ports: SettlementPorts): Module {
  return {
    name: 'settlement',
    personalData: settlementData,
    controls: settlementControls,
    duties: settlementDuties,
    scope: settlementScope,
    cells: settlementCells,
    subjects: settlementSubjects,
    watched: settlementWatched,
    invariants: [...booksInvariants, ...claimsInvariants],
    jobs: matchingJobs(ports),
    dispatch: matchingDispatch,
    routes: [
      ...periodRoutes(ports),
      ...accrualRoutes(ports),
      journalLineRoute,
      ...journalRoutes,
      ...glMappingRoutes,
      ...claimsRoutes(ports),
    ],
  };
}
