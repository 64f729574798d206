import type { AnyRoute } from '#http';
import type { SettlementPorts } from '../ports.ts';
import { deskRoutes } from './desk-routes.ts';
import { itemRoutes } from './item-routes.ts';
import { paperRoutes } from './paper-routes.ts';
import { settlementRoutes } from './settlement-routes.ts';
import { deductionEnds, workRoutes } from './work-routes.ts';

/** Every route of the desk: deductions, claims, their papers and settlements, and what the desk works by. */
export function claimsRoutes(ports: SettlementPorts): AnyRoute[] {
  const kinds = (['deduction', 'claim'] as const).flatMap((kind) => [
    ...itemRoutes(kind, ports),
    ...workRoutes(kind),
    ...paperRoutes(kind, ports),
  ]);
  return [...kinds, ...deductionEnds, ...settlementRoutes(ports), ...deskRoutes];
}
