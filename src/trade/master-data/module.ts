import type { Module } from '#module';
import { calendarRoutes } from './calendar-routes.ts';
import { customerRoutes } from './customer-routes.ts';
import { fxRoutes } from './fx-routes.ts';
import { masterDataCells } from './master-data-cells.ts';
import { masterDataSubjects } from './master-data-subjects.ts';
import { priceRoutes } from './price-routes.ts';
import { productRoutes } from './product-routes.ts';

/** What the master-data module registers with the house; its imports, which need the other modules' kinds, apart. */
export const masterDataModule: Module = {
  name: 'master-data',
  routes: [...customerRoutes, ...productRoutes, ...priceRoutes, ...fxRoutes, ...calendarRoutes],
  cells: masterDataCells,
  subjects: masterDataSubjects,
};
