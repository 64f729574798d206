import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { systemClock } from '#clock';
import { backUp } from '../../src/apps/backup.ts';
import { migrationSources } from '../../src/apps/migration-sources.ts';
import { restore } from '../../src/apps/restore.ts';
import { makeTenant } from '../faults/pending-approval.ts';
import { callOver, serveChild, signIn } from '../faults/served.ts';
import { testHouse, testSecretKey } from '../house.ts';
import { createDatabaseFromTemplate } from '../postgres/index.ts';

const password = 'correct horse battery';

test('who is erased after a backup is unreadable in it too once it is restored beside today’s keys; all others are readable', {
  timeout: 360_000,
}, async (t) => {
  // The roles belong to the server of the tests.
  await testHouse(t);
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-erased-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const database = async () => {
    const made = await createDatabaseFromTemplate();
    t.after(() => made.drop());
    return made.url;
  };
  const settings = (url: string) => ({ TRADEAI_DATABASE_URL: url, TRADEAI_SECRET_KEY: testSecretKey });
  const url = await database();
  const served = await serveChild(settings(url));
  await makeTenant(url, testSecretKey);
  const admin = callOver(served.url, await signIn(served.url, 'admin@maker.example', password));
  const kira = (await admin('GET', '/users?search=Kira')).body.items[0];
  assert.equal(kira.email, 'kam@maker.example');
  const file = join(folder, 'before-the-erasure');
  await backUp(url, file, systemClock, () => undefined);
  const dump = gunzipSync(readFileSync(file));
  for (const clear of ['Kira Almond', 'kam@maker.example']) {
    assert.ok(
      !dump.includes(clear) && !dump.includes(Buffer.from(clear).toString('hex')),
      `the backup holds no ${clear}`,
    );
  }

  const asked = { kind: 'erasure', personId: kira.id, contact: 'Kira, by post' };
  const request = (await admin('POST', '/privacy/requests', asked)).body;
  await admin('POST', `/privacy/requests/${request.id}/act`, { action: 'check_identity', proof: 'Passport' });
  const erased = await admin('POST', `/privacy/requests/${request.id}/erase`, { decision: 'Done' });
  assert.equal(erased.status, 200, JSON.stringify(erased.body));
  await served.stop();

  const target = await database();
  const restored = await restore(file, {
    ...{ ownerUrl: target, secretKey: testSecretKey, migrationSources, progress: () => undefined },
  });
  assert.equal(restored.audit.bad, 0);
  const again = await serveChild(settings(target));
  t.after(() => again.stop());
  const officer = callOver(again.url, await signIn(again.url, 'admin@maker.example', password));
  const people = (await officer('GET', '/users?limit=200')).body.items as { id: string; name: string; email: string }[];
  assert.equal(people.length, 9, 'the row is there as it was');
  const unreadable = people.filter(({ email }) => email === '');
  assert.deepEqual(
    unreadable.map(({ id, name }) => [id, name]),
    [[kira.id, `Erased person ${kira.id.slice(-6)}`]],
  );
  const login = { email: 'kam@maker.example', password };
  assert.equal((await callOver(again.url)('POST', '/auth/login', login)).status, 401, 'their way in is gone again');
  assert.ok(people.some(({ name, email }) => name === 'Fiona Castell' && email === 'finance@maker.example'));
});
