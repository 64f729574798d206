import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportAudit, recordRead } from '#security';
import { type Command, consoleContext, progress, refuse, required, withStore } from './command.ts';

const isInstant = (text: string | undefined) => text === undefined || !Number.isNaN(Date.parse(text));

/** `audit export`: a tenant's sealed trail, or a part of it, as JSON Lines; itself recorded before anything is written. */
export const exportAuditCommand: Command = async (given) => {
  const slug = required(given, 'tenant');
  const { from, to, out } = given.options;
  if (!isInstant(from) || !isInstant(to)) refuse('--from and --to are instants: 2026-01-01T00:00:00Z.');
  if (given.json && !out) refuse('--json needs --out: stdout takes one of the two.');
  return withStore(async (store) => {
    const context = await consoleContext(store, slug);
    let lines = 0;
    await context.db.transact(context, (tx) =>
      recordRead(tx, { what: 'audit', rows: 0, detail: { ...{ from, to }, by: 'console' } }),
    );
    const text = async function* () {
      for await (const line of exportAudit(store.db, context.tenant, context.clock.now(), { from, to })) {
        lines += 1;
        yield `${JSON.stringify(line)}\n`;
      }
    };
    if (out) await pipeline(Readable.from(text()), createWriteStream(out, { mode: 0o600 }));
    else await pipeline(Readable.from(text()), process.stdout, { end: false });
    progress(`${out ?? 'audit'}: ${lines} lines; verify them with verify-audit-export.mjs`);
    return { tenant: slug, lines, ...(out ? { file: out } : {}) };
  });
};
