import type { Module } from '#module';
import { accrualRoutes } from './accrual-routes.ts';
import { itemRoutes } from './item-routes.ts';
import { journalRoutes } from './journal-routes.ts';
import { periodRoutes } from './period-routes.ts';
import type { SettlementPorts } from './ports.ts';
import { settlementRoutes } from './settlement-routes.ts';

/** What the settlement module registers with the house, for the promotions and sales that `ports` read. */
export function settlementModule(ports: SettlementPorts): Module {
  return {
    name: 'settlement',
    routes: [...periodRoutes, ...accrualRoutes(ports), ...journalRoutes, ...itemRoutes, ...settlementRoutes(ports)],
  };
}
