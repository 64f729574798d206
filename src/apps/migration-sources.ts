import type { MigrationSource } from '#db';

/** Where each module keeps its numbered SQL files, ground floor first: they are applied in this order. */
export const migrationSources: readonly MigrationSource[] = [
  ['platform', 'platform/db'],
  ['events', 'platform/events'],
  ['invariants', 'platform/invariants'],
  ['security', 'engines/security'],
  ['workflow', 'engines/workflow'],
  ['master-data', 'trade/master-data'],
  ['terms', 'trade/terms'],
  ['performance', 'trade/performance'],
  ['funds', 'trade/funds'],
  ['promotions', 'trade/promotions'],
  ['settlement', 'trade/settlement'],
  ['account-plans', 'trade/account-plans'],
].map(([module, folder]) => ({ module: module ?? '', folder: new URL(`../${folder}/migrations/`, import.meta.url) }));
