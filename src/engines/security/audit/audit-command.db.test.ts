import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testHouse, testSecretKey } from '../../../../test/house.ts';
import { asSuperuser, record, seal, tenantA } from './test-trail.ts';

const program = fileURLToPath(new URL('../../../apps/tradeai.ts', import.meta.url));

test('`tradeai audit verify` ends with 0 for a sound trail, and with 1 and the place for an altered or a shortened one', async (t) => {
  const house = await testHouse(t);
  const folder = await mkdtemp(join(tmpdir(), 'tradeai-verify-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const verify = async (...more: string[]) => {
    const child = spawn(process.execPath, [program, 'audit', 'verify', '--tenant', tenantA.slug, ...more], {
      env: {
        ...process.env,
        ...{ TRADEAI_DATABASE_URL: house.url, TRADEAI_SECRET_KEY: testSecretKey, TRADEAI_DATA: folder },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, said };
  };

  await record(house, 7);
  const checkpoints = join(folder, 'kept-outside.txt');
  await writeFile(checkpoints, (await seal(house, 4)).join('\n'));
  const sound = await verify('--against', checkpoints);
  assert.equal(sound.code, 0, sound.said);
  assert.match(sound.said, /7 entries, 7 sealed, 0 waiting.*2 checkpoints and 2 from outside agree; 0 faults/);

  const [changed] = await asSuperuser(
    house,
    "update audit.entry set reason = 'other' where entity_id = 'p4' returning id",
  );
  const altered = await verify();
  assert.equal(altered.code, 1, altered.said);
  assert.match(altered.said, new RegExp(`1 faults[^]*${changed?.id}`));

  // Everything inside is as if the second half had never been: only what lies outside tells.
  await asSuperuser(
    house,
    `delete from audit.entry where id in (select entry_id from audit.seal where seq >= 4);
    delete from audit.seal where seq >= 4; delete from audit.checkpoint where size > 4;
    update audit.tree set size = 4, frontier = (select decode(substr(encode(frontier, 'hex'), 1, 64), 'hex') from audit.tree t
      where t.tenant_id = tree.tenant_id) where size = 7`,
  );
  assert.equal((await verify()).code, 0);
  const shortened = await verify('--against', checkpoints);
  assert.equal(shortened.code, 1, shortened.said);
  assert.match(shortened.said, /outside\/7: the sequence ends before it/);
  assert.match((await verify('--against', join(folder, 'none.txt'))).said, /There is no file/);
});
