export { type RawBuilder, sql } from 'kysely';
export {
  type Database,
  isUnavailable,
  openDatabase,
  type TenantScope,
  type TenantTx,
  type Tx,
  urlForRole,
} from './database.ts';
export { type Gathered, tableOf } from './gathered.ts';
export { keysetPage, type ListRequest, type Page, pageOfAll } from './keyset.ts';
export { MigrationError, type MigrationSource, migrate } from './migrate.ts';
