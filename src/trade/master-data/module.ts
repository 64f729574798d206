import type { Module } from '#module';
import { calendarRoutes } from './calendar-routes.ts';
import { customerRoutes } from './customer-routes.ts';
import { fxRoutes } from './fx-routes.ts';
import { masterDataCells } from './master-data-cells.ts';
import { masterDataScope } from './master-data-scope.ts';
import { masterDataSubjects } from './master-data-subjects.ts';
import { masterDataWatched } from './master-data-watch.ts';
import { onboardingRoutes } from './onboarding/onboarding-routes.ts';
import { importData } from './personal-data.ts';
import { priceRoutes } from './price-routes.ts';
import { productRoutes } from './product-routes.ts';

/** What the master-data module registers with the house; its imports, which need the other modules' kinds, apart. */
export const masterDataModule: Module = {
  name: 'master-data',
  personalData: importData,
  routes: [...customerRoutes, ...onboardingRoutes, ...productRoutes, ...priceRoutes, ...fxRoutes, ...calendarRoutes],
  scope: masterDataScope,
  cells: masterDataCells,
  subjects: masterDataSubjects,
  watched: masterDataWatched,
};
