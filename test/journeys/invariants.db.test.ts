import { test } from 'node:test';
import pg from 'pg';
import { createDemoPeople, createTenant } from '#security';
import { TestClient } from '../../src/engines/realtime/test-client.ts';
import { callOver, signIn } from '../faults/served.ts';
import { eventually, expecting, runHouse } from './running-house.ts';
import { makeSmallTrade } from './small-trade.ts';

/** A breach is to be known within a minute. */
const limitMs = 60_000;
const password = 'a long password';

test('a running house finds a corrupted ledger within a minute and tells everybody who watches', async (t) => {
  const { house, url, socketUrl, ownerUrl } = await runHouse(t);
  const { store, clock } = house;
  const { tenantId } = await createTenant(store.db, clock, { slug: 'acme', publicUrl: url });
  await createDemoPeople(store.db, clock, tenantId, password, 'acme.example');
  const admin = callOver(url, await signIn(url, 'admin@acme.example', password));
  const financeToken = await signIn(url, 'finance@acme.example', password);
  const finance = callOver(url, financeToken);
  const { fundId } = await makeSmallTrade(admin, new Date().getUTCFullYear());
  const watcher = await TestClient.signedIn(socketUrl, financeToken);
  t.after(() => watcher.socket.terminate());
  watcher.send({ type: 'subscribe', id: 'a', channel: 'alerts' });
  await watcher.frame('subscription_confirmed');
  const states = async (): Promise<string[]> => {
    const { items } = await expecting(finance)(200, 'GET', '/monitoring/invariants');
    return items.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`);
  };
  const all = (state: string) => (found: string[]) => found.every((one) => one.endsWith(` ${state}`));
  await eventually('every invariant was looked at and holds', states, all('holds'), limitMs);

  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('update funds.balance set available = available + 1 where fund_id = $1', [fundId]);
  await owner.end();
  const isFound = (found: string[]) => found.includes('funds.months-sum-to-the-balance broken');
  await eventually('the corruption is found', states, isFound, limitMs);
  const aboutTheFund = new RegExp(`invariant.*fund/${fundId}`);
  await watcher.frame('alerts_update', ({ data }) => aboutTheFund.test(JSON.stringify(data)));
});
