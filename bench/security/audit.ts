import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { sql } from '#db';
import { emit } from '#events';
import { recordAudit, sealAudit, verifyAudit } from '#security';
import { plantEntries } from '../../src/engines/security/audit/test-many-entries.ts';
import { testSecretKey } from '../../test/house.ts';
import { latenciesOf } from '../figures.ts';
import type { BenchHouse, BenchPart } from '../trade/part.ts';

const perSecond = 200;
const records = 1_000;

async function prepare({ url, context }: BenchHouse): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create table public.record (tenant_id uuid, id int, version int, primary key (tenant_id, id));
    insert into public.record select '${context.tenant.id}', n, 0 from generate_series(0, ${records - 1}) n;
    grant select, update on public.record to tradeai_app`);
  await client.end();
}

/** A change with its event, with or without its audit entry; answers its milliseconds. */
async function write({ context }: BenchHouse, at: number, audited: boolean): Promise<number> {
  const began = performance.now();
  await context.db.transact(context, async (tx) => {
    const id = at % records;
    await tx.run(
      sql`update public.record set version = version + 1 where tenant_id = ${context.tenant.id} and id = ${id}`,
    );
    const subjectId = context.newId();
    await emit(tx, { type: 'bench.record.changed', subjectType: 'record', subjectId, data: { id } });
    const what = { action: 'record.changed', entityType: 'record', entityId: String(id) };
    const sides = {
      before: { name: 'Spring leaflet', state: 'draft' },
      after: { state: 'submitted', spend: '15600.00' },
    };
    if (audited) await recordAudit(tx, { ...what, ...sides });
  });
  return performance.now() - began;
}

/** What an audit entry adds to a write, while entries are sealed beside it. */
export const auditWritePart: BenchPart = {
  name: 'audit write',
  what: 'so many writes at 200 a second, every other one with an audit entry, with the sealer running every second',
  sizes: [500, 1_000, 2_000],
  targets: { 'audit adds p50': 0.5, 'audit adds p99': 5 },
  run: async (house, size) => {
    await prepare(house);
    const { db, clock } = house.context;
    const troubles: unknown[] = [];
    let running = true;
    const sealing = (async () => {
      while (running) {
        await sealAudit(
          { db, clock, secretKey: testSecretKey },
          async () => undefined,
          (error) => troubles.push(error),
        );
        await sleep(1_000);
      }
    })();
    for (let at = 0; at < 100; at++) await write(house, at, at % 2 === 0);
    const took = { with: [] as number[], without: [] as number[] };
    const began = performance.now();
    const open: Promise<unknown>[] = [];
    for (let at = 0; at < size; at++) {
      const waitMs = began + (at * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      const audited = at % 2 === 0;
      open.push(write(house, at, audited).then((ms) => (audited ? took.with : took.without).push(ms)));
    }
    await Promise.all(open);
    running = false;
    await sealing;
    if (troubles.length > 0) throw troubles[0];
    const [audited, plain] = [latenciesOf(took.with), latenciesOf(took.without)];
    const figures = {
      ...{ 'without p50': plain.p50, 'without p99': plain.p99, 'with p50': audited.p50, 'with p99': audited.p99 },
      ...{ 'audit adds p50': audited.p50 - plain.p50, 'audit adds p99': audited.p99 - plain.p99 },
    };
    return { figures };
  },
};

/** A verification of a whole trail, and the sealing of it. */
export const auditVerifyPart: BenchPart = {
  name: 'audit verify',
  what: 'verifying so many sealed entries with a checkpoint for every 1,000',
  sizes: [10_000, 100_000, 1_000_000],
  targets: { verify: 15_000 },
  run: async ({ context, url, db }, size) => {
    const { clock, tenant } = context;
    await plantEntries(url, tenant.id, size, '2026-12-01T00:00:00Z');
    const sealBegan = performance.now();
    let checkpoints = 0;
    await sealAudit(
      { db, clock, secretKey: testSecretKey, batchSize: 1_000 },
      async () => {
        checkpoints += 1;
      },
      (error) => {
        throw error;
      },
    );
    const began = performance.now();
    const found = await verifyAudit(db, tenant.id);
    const verify = performance.now() - began;
    if (found.sealed !== size || found.badCount > 0) throw new Error(`not sound: ${JSON.stringify(found)}`);
    return { figures: { verify, 'seal a batch of 1,000': (began - sealBegan) / checkpoints } };
  },
};
