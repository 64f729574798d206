import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { personalDataOfHouse } from '#security';
import '../../src/apps/modules.ts';
import { testHouse } from '../house.ts';
import { notPersonal } from './not-personal.ts';

const textTypes = ['text', 'text[]', 'character varying', 'json', 'jsonb', 'bytea', 'inet'];

/** Every column of the database that can hold what somebody wrote, and every column at all. */
async function columnsOf(url: string): Promise<{ text: string[]; all: Set<string> }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string; type: string }>(
    `select nspname || '.' || relname || '.' || attname as name, format_type(atttypid, null) as type
     from pg_attribute join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'p') and not relispartition and attnum > 0 and not attisdropped
       and nspname !~ '^pg_' and nspname not in ('information_schema', 'graphile_worker') order by 1`,
  );
  await client.end();
  return {
    text: rows.filter(({ type }) => textTypes.includes(type)).map(({ name }) => name),
    all: new Set(rows.map(({ name }) => name)),
  };
}

const mapped = personalDataOfHouse().flatMap(({ table, columns }) =>
  Object.keys(columns).map((column) => `${table}.${column}`),
);
const reviewed = Object.entries(notPersonal).flatMap(([table, columns]) =>
  columns.split(' ').map((column) => `${table}.${column}`),
);

test('every column that can hold text is in the record of processing or was looked at and holds nothing personal', async (t) => {
  const { text, all } = await columnsOf((await testHouse(t)).url);
  const known = new Set([...mapped, ...reviewed]);
  assert.deepEqual(
    text.filter((name) => !known.has(name)),
    [],
    'declare it in the personalData of its module, or name it in test/privacy/not-personal.ts',
  );
  assert.deepEqual(
    [...known].filter((name) => !all.has(name)),
    [],
    'these columns are not there any more',
  );
  assert.deepEqual(
    mapped.filter((name) => reviewed.includes(name)),
    [],
    'these are said to be both',
  );
});

test('every declaration names a column of the person that is there, and says why what is not deleted stays', async (t) => {
  const { all } = await columnsOf((await testHouse(t)).url);
  const persons = personalDataOfHouse().flatMap(({ table, person }) => (person ? [`${table}.${person}`] : []));
  assert.deepEqual(
    persons.filter((name) => !all.has(name)),
    [],
  );
  const deleted = personalDataOfHouse().filter(({ erasure }) => erasure === 'deleted');
  assert.deepEqual(
    deleted.filter(({ table }) => !table.startsWith('identity.')),
    [],
    'only the engine deletes its own rows: others keep theirs under a pseudonym',
  );
  const silent = personalDataOfHouse().filter((one) => one.erasure !== 'deleted' && one.person && !one.because);
  assert.deepEqual(
    silent.map(({ table }) => table),
    [],
  );
});
