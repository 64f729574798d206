export type { WhenRoot } from './account.ts';
export { DataFolderInUseError, EmbeddedPostgresError } from './errors.ts';
export { connectionOfRunning } from './owner-record.ts';
export { type Settings, withoutDurability } from './settings.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './start-embedded-postgres.ts';
