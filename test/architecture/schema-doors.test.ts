import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** The PostgreSQL schemas of each module; every other module reaches them through the module's face. */
const schemas: Record<string, readonly string[]> = {
  'platform/db': ['platform'],
  'platform/http': ['platform'],
  'platform/events': ['event', 'timer'],
  'platform/invariants': ['invariant'],
  'engines/security': ['identity', 'audit', 'security', 'keys', 'privacy'],
  'engines/workflow': ['workflow'],
  // Reads the history of the one log; writes nothing there.
  'engines/realtime': ['event'],
  'trade/master-data': ['master_data'],
  'trade/funds': ['funds'],
  'trade/promotions': ['promotions'],
  'trade/performance': ['performance'],
  'trade/terms': ['terms'],
  'trade/settlement': ['settlement'],
  'trade/account-plans': ['account_plans'],
};
const known = [...new Set(Object.values(schemas).flat())];

/** Schemas of others whose tables the SQL in a file's text names. */
function foreignSchemas(module: string, text: string): string[] {
  const named = text.matchAll(/\b(?:from|join|into|update|table|on)\s+([a-z_]+)\.[a-z_]+/g);
  const own = schemas[module] ?? [];
  return [...named]
    .map(([, schema]) => schema ?? '')
    .filter((schema) => known.includes(schema) && !own.includes(schema));
}

const isProduct = (file: string) => /\.(ts|sql)$/.test(file) && !/(\.test\.ts|(^|\/)test-[^/]+)$/.test(file);

function modulesOfTheHouse(): string[] {
  return ['platform', 'engines', 'trade'].flatMap((floor) =>
    readdirSync(join(src, floor), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${floor}/${entry.name}`),
  );
}

/** Foreign keys may point to these across modules: a promotion is at a customer, a sale is of a product. */
const referable = /references\s+master_data\.(customer|product)\b/g;

test('no module reaches into the tables of another', () => {
  const found = modulesOfTheHouse().flatMap((module) =>
    readdirSync(join(src, module), { recursive: true, encoding: 'utf8' })
      .filter(isProduct)
      .flatMap((file) => {
        const text = readFileSync(join(src, module, file), 'utf8').replace(referable, '');
        return foreignSchemas(module, text).map((schema) => `${module}/${file} names a table of ${schema}`);
      }),
  );
  assert.deepEqual(found, []);
});

test('a query on another module’s table is seen, over a line break and inside a join; one on its own is not', () => {
  assert.deepEqual(foreignSchemas('trade/promotions', 'select 1 from\n  funds.fund'), ['funds']);
  assert.deepEqual(foreignSchemas('trade/funds', 'from funds.fund join identity.person on true'), ['identity']);
  assert.deepEqual(foreignSchemas('trade/funds', 'update funds.fund set version = version + 1'), []);
});
