import type { Module } from '#module';
import { fundRoutes } from './fund-routes.ts';

/** What the funds module registers with the house. */
export const fundsModule: Module = {
  name: 'funds',
  routes: fundRoutes,
};
