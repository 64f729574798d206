import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type TestHouse, testHouse, testSecretKey } from '../../../../test/house.ts';
import { type AuditExportRange, exportAudit } from './export-audit.ts';
import { ensurePartitions } from './retention-store.ts';
import { rotateAuditKey } from './signing-keys.ts';
import { dropDue, live, record, script, scriptText, seal, tenantA, trustedKey, verifyExport } from './test-trail.ts';

async function lines(house: TestHouse, range: AuditExportRange = {}): Promise<string[]> {
  const all: string[] = [];
  for await (const line of exportAudit(house.db, tenantA, house.clock.now(), range)) all.push(JSON.stringify(line));
  return all;
}

/** A trail with everything that may stand in one: several checkpoints, two generations of keys, dropped entries. */
async function fullTrail(house: TestHouse): Promise<string[]> {
  await ensurePartitions(house.db, house.clock.now());
  await record(house, 5, { action: 'session.started' });
  await record(house, 6);
  const notes = await seal(house, 4);
  await rotateAuditKey(house.db, testSecretKey, house.clock);
  await live(house, 150);
  assert.equal((await dropDue(house)).length, 1);
  await record(house, 9);
  return [...notes, ...(await seal(house, 4))];
}

test('an export of the whole trail and of any part of it is proven with the first public key alone', async (t) => {
  const house = await testHouse(t);
  const notes = await fullTrail(house);
  await record(house, 3);
  const { signedAt, ...whole } = await verifyExport(await lines(house), { trustedKey, against: notes });
  assert.deepEqual(whole, {
    ...{ tenantId: tenantA.id, part: false, from: 0, entries: 17, size: 22, checkpoints: 7, faults: [] },
  });
  assert.equal(signedAt, house.clock.now().toISOString());
  const late = await verifyExport(await lines(house, { from: '2026-11-01T00:00:00Z' }), { trustedKey });
  assert.deepEqual([late.part, late.from, late.entries, late.size, late.faults], [true, 12, 10, 22, []]);
  const early = await verifyExport(await lines(house, { to: '2026-11-01T00:00:00Z' }), { trustedKey });
  assert.deepEqual([early.entries, early.size, early.faults], [7, 12, []]);
  const stranger = Buffer.alloc(32, 7).toString('base64');
  assert.match(
    (await verifyExport(await lines(house), { trustedKey: stranger })).faults[0] ?? '',
    /not the key you trust/,
  );
});

test('the script stands alone: below 200 lines, nothing but Node, exit 0 for a sound export and 1 for an altered one', async (t) => {
  const house = await testHouse(t);
  const notes = await fullTrail(house);
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.ok(scriptText.trimEnd().split('\n').length <= 200);
  assert.deepEqual(
    [...scriptText.matchAll(/from '([^']+)'/g)].filter(([, name]) => !name?.startsWith('node:')),
    [],
  );
  writeFileSync(join(folder, 'checkpoints.txt'), notes.join(''));
  const run = async (text: string, against = ['--against', join(folder, 'checkpoints.txt')]) => {
    writeFileSync(join(folder, 'audit.jsonl'), text);
    const given = [join(folder, 'audit.jsonl'), '--key', trustedKey, ...against];
    return promisify(execFile)(process.execPath, [fileURLToPath(script), ...given], { env: {} }).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };
  const text = `${(await lines(house)).join('\n')}\n`;
  assert.match((await run(text)).stdout, /: the whole trail, last signed \S+\n17 entries, 7 checkpoints, 0 faults\n$/);
  const altered = await run(text.replace('15600.00', '15600.01'));
  assert.equal(altered.code, 1);
  assert.match(altered.stderr, /the entries have another root/);
  const rolledBack = await run(`${(await lines(house)).slice(0, -2).join('\n')}\n`);
  assert.match(rolledBack.stderr, /the trail ends before it/);
  writeFileSync(join(folder, 'checkpoints.txt'), `${notes[0]}${notes.at(-1)?.trimEnd()}`);
  const copied = await run(`${(await lines(house)).slice(0, -2).join('\n')}\n`);
  assert.match(copied.stderr, /the trail ends before it/, 'the last one counts, also without its line feed');
  for (const misspelt of [['--agains', join(folder, 'checkpoints.txt')], ['--against']]) {
    const refused = await run(text, misspelt);
    assert.deepEqual([refused.code, refused.stdout], [1, ''], 'less than asked for is not verified');
  }
  writeFileSync(join(folder, 'checkpoints.txt'), 'nothing of the kind\n');
  const compared = await run(text);
  assert.deepEqual([compared.code, compared.stderr], [1, 'no checkpoint from outside is about this trail\n']);
});
