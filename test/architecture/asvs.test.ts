import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readAsvs } from '../../scripts/asvs-document.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const register = readAsvs(root);
const entries = [...Object.entries(register.level1), ...Object.entries(register.level2)];

test('each of the 70 requirements of level 1 has a test, evidence or a reason, and those of level 2 are all listed', () => {
  assert.equal(Object.keys(register.level1).length, 70);
  assert.equal(Object.keys(register.level2).length, 183);
  for (const [id, entry] of Object.entries(register.level1)) assert.ok(entry, id);
  for (const [id, entry] of entries) {
    assert.match(id, /^V\d+\.\d+\.\d+$/);
    if (entry) assert.ok(entry.how.length > 20, `${id} says nothing`);
  }
});

test('every test that the register names stands in its file under that name', () => {
  const named = entries.flatMap(([id, entry]) => (entry?.tests ?? []).map((one) => ({ id, ...one })));
  assert.ok(named.length > 40);
  const missing = named.filter(({ file, name }) => {
    const source = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
    return !source.includes(`'${name}'`) && !source.includes(`"${name}"`);
  });
  assert.deepEqual(missing, []);
});

const suite = join(root, '../shared/suites/asvs-5.0.json');
test('the register has the requirements of the standard, level by level', { skip: !existsSync(suite) }, () => {
  const { requirements } = JSON.parse(readFileSync(suite, 'utf8')) as { requirements: { req_id: string; L: string }[] };
  const of = (level: string) => requirements.filter(({ L }) => L === level).map(({ req_id }) => req_id);
  assert.deepEqual(Object.keys(register.level1).sort(), of('1').sort());
  assert.deepEqual(Object.keys(register.level2).sort(), of('2').sort());
});
