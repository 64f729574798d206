import { sql } from '#db';
import { type Command, progress, withStore } from './command.ts';

/** `doctor`: checks settings, database and migrations. */
export const doctorCommand: Command = async () =>
  withStore(async (store) => {
    const { version } = await store.db.system((tx) =>
      tx.one<{ version: string }>(sql`select current_setting('server_version') as version`),
    );
    progress(
      `Settings are fine. PostgreSQL ${version} answers. ${store.migrated.length} migrations applied just now; the schema is up to date.`,
    );
    return { database: version, migrated: store.migrated, dataDir: store.dataDir, node: process.version };
  });
