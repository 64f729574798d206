import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { sql } from '#db';
import { openKeys, rotateDataKey } from '#security';
import type { BenchHouse, BenchPart } from '../trade/part.ts';

const column = {
  ...{
    table: 'bench.note',
    column: 'text',
    rowId: 'id',
    class: 'privacy' as const,
    tenant: 'tenant_id',
    subject: null,
  },
};
const turns = 10_000;

type Keyring = ReturnType<typeof openKeys>;

/** A table of sealed notes of some 100 bytes, as names and secrets are. */
async function plantNotes({ context, url }: BenchHouse, keys: Keyring, rows: number): Promise<void> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(`create schema if not exists bench; drop table if exists bench.note;
    create table bench.note (tenant_id uuid not null, id uuid primary key, text bytea not null);
    grant usage on schema bench to tradeai_system; grant select, update on bench.note to tradeai_system`);
  const scope = { tenantId: context.tenant.id, class: 'privacy' } as const;
  for (let done = 0; done < rows; done += 5_000) {
    const ids = Array.from({ length: Math.min(5_000, rows - done) }, () => randomUUID());
    const texts = await Promise.all(
      ids.map((rowId) => keys.seal(scope, { table: column.table, column: column.column, rowId }, `note ${rowId}`)),
    );
    await owner.query('insert into bench.note select $1, * from unnest($2::uuid[], $3::bytea[])', [
      scope.tenantId,
      ids,
      texts,
    ]);
  }
  await owner.query('vacuum analyze bench.note');
  await owner.end();
}

/** Encrypts and decrypts 1 KB over and over; milliseconds at the 99th percentile, and of the processor on average. */
async function sealAndOpen(keys: Keyring, tenantId: string): Promise<{ p99Ms: number; processorMs: number }> {
  const text = randomBytes(768).toString('base64');
  const scope = { tenantId, class: 'privacy', subjectId: randomUUID() } as const;
  const place = { table: 'bench.note', column: 'text', rowId: randomUUID() };
  const took: number[] = [];
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn++) {
    const from = performance.now();
    const opened = await keys.open(scope, place, await keys.seal(scope, place, text));
    took.push(performance.now() - from);
    if (opened !== text) throw new Error('what was opened is not what was sealed');
  }
  // The first thousand find the code cold.
  const used = process.cpuUsage(before);
  const p99Ms = took.slice(1_000).sort((a, b) => a - b)[Math.floor((turns - 1_000) * 0.99)] ?? 0;
  return { p99Ms, processorMs: (used.user + used.system) / 1_000 / turns };
}

/** Rotates while somebody reads; answers ms per row and how many rows were read meanwhile, each of which opened. */
async function rotateBesideReaders({ context, db }: BenchHouse, keys: Keyring, rows: number) {
  const scope = { tenantId: context.tenant.id, class: 'privacy' } as const;
  let running = true;
  let read = 0;
  const reader = (async () => {
    while (running) {
      const found = await db.system((tx) =>
        tx.many<{ id: string; text: Buffer }>(sql`select id, text from bench.note
          where id >= ${randomUUID()} order by id limit 20`),
      );
      for (const { id: rowId, text } of found) {
        await keys.open(scope, { table: column.table, column: column.column, rowId }, text);
        read += 1;
      }
    }
  })();
  const from = performance.now();
  const rotated = await rotateDataKey(keys, scope, { columns: [column], otherProcessesMs: 0 });
  const tookMs = performance.now() - from;
  running = false;
  await reader;
  if (rotated.rows !== rows) throw new Error(`${rotated.rows} of ${rows} rows were sealed anew`);
  return { perRowMs: tookMs / rows, read };
}

/** Speed of sealing, and of turning a data key over while others read. */
export const keysPart: BenchPart = {
  name: 'keys',
  what: 'Sealing and opening 1 KB under a subject’s key; turning a data key over beside a reader. A size counts sealed rows.',
  sizes: [2_000, 20_000, 100_000],
  targets: { 'seal and open 1 KB, p99': 0.1, 'rotation, per row': 0.1 },
  run: async (house, size) => {
    const folder = await mkdtemp(join(tmpdir(), 'tradeai-bench-keys-'));
    try {
      const keys = openKeys(house.db, house.context.clock, {
        ...{ provider: 'environment', folder, secretKey: 'a secret key for measuring only', encryptionKeys: [] },
      });
      const { p99Ms, processorMs } = await sealAndOpen(keys, house.context.tenant.id);
      await plantNotes(house, keys, size);
      const { perRowMs, read } = await rotateBesideReaders(house, keys, size);
      return {
        figures: {
          'seal and open 1 KB, p99': p99Ms,
          'seal and open 1 KB, processor': processorMs,
          'rotation, per row': perRowMs,
        },
        note: `${Math.round(1_000 / perRowMs)} rows/s, ${read} rows read and opened meanwhile`,
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
