import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemClock } from '#clock';
import { createTenant } from '#security';
import { TestClient } from '../../src/engines/realtime/test-client.ts';
import { callOver, signIn } from '../faults/served.ts';
import { noRealData, type RealEvent, readRealShelf } from './real-shelf.ts';
import { allOf, eventually, expecting, type RunningHouse, runHouse, upload } from './running-house.ts';
import type { Answered } from './small-trade.ts';

type Json = Answered['body'];
const password = 'correct horse battery';
/** Week 118 of the data, the origin of its scoring rule, and the day after it. */
const originWeekEnd = '2011-04-13';
const today = Date.parse('2011-04-14T15:00:00Z');
/** The last week in which an event leaves weeks to look back from. */
const lastEventWeekEnd = '2011-06-01';

const mapping = (kind: string) =>
  readFileSync(new URL(`../../demo/mappings/frat-${kind}.json`, import.meta.url), 'utf8');
const people = {
  kam: { roles: ['key_account_manager'], approvalLimit: { amount: '0', currency: 'USD' } },
  marketing: { roles: ['trade_marketing_manager'], approvalLimit: null },
  finance: { roles: ['finance_controller'], approvalLimit: null },
};
type Login = 'owner' | keyof typeof people;
const emailOf = (login: Login) => `${login}@frat.example`;

/** A tenant by one-time link, its people by invitation. */
async function makeTenant({ house, url }: RunningHouse): Promise<void> {
  const accept = async (link: string, name: string) => {
    const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token');
    await expecting(callOver(url))(200, 'POST', '/auth/accept', { token, password, name });
  };
  const { link } = await createTenant(house.store.db, house.clock, {
    ...{ slug: 'frat', adminEmail: emailOf('owner'), timeZone: 'America/New_York', publicUrl: url },
  });
  await accept(link ?? '', 'Owner');
  const owner = expecting(callOver(url, await signIn(url, emailOf('owner'), password)));
  for (const [login, person] of Object.entries(people)) {
    const invited = await owner(201, 'POST', '/users/invitations', {
      ...{ email: emailOf(login as Login), scope: { customers: null, products: null } },
      ...person,
    });
    await accept(invited.link, login);
  }
}

/** The real event as a plan: what the shelf price fell by, and a sum for leaflet and second placement. */
function termsOf(event: RealEvent, customerId: string, productId: string, fundId: string) {
  const common = { productIds: [productId], fundSplit: [{ fundId, share: '1' }] };
  const lump = (mechanic: string) => ({ ...common, mechanic, lumpSum: { amount: '500.00', currency: 'USD' } });
  return {
    ...{ name: 'As it was', customerId, startsOn: event.startsOn, endsOn: event.endsOn },
    tactics: [
      { ...common, mechanic: 'scan_back', rate: { amount: event.cut.toFixed(2), currency: 'USD', per: 'unit' } },
      ...(event.feature ? [lump('feature')] : []),
      ...(event.display ? [lump('display')] : []),
    ],
  };
}

test('the main job on real data: import, fit, plan a real event ahead, approve, and learn what it earned', {
  timeout: 600_000,
  skip: noRealData,
}, async (t) => {
  const shelf = readRealShelf(originWeekEnd, lastEventWeekEnd);
  const { event } = shelf;
  t.diagnostic(`the event: ${JSON.stringify(event)}`);
  const behindMs = systemClock.now().getTime() - today;
  const running = await runHouse(t, { now: () => new Date(systemClock.now().getTime() - behindMs) });
  const { url, socketUrl, clock } = running;
  await makeTenant(running);
  const tokens = {} as Record<Login, string>;
  const signInAll = async () => {
    for (const login of ['owner', 'kam', 'marketing', 'finance'] as const)
      tokens[login] = await signIn(url, emailOf(login), password);
  };
  await signInAll();
  const as = (login: Login) => expecting(callOver(url, tokens[login]));
  const load = async (kind: string, content: string) => {
    const result = await upload(url, tokens.owner, { kind, name: `${kind}.csv`, content, mapping: mapping(kind) });
    assert.equal(result.status, 'finished', JSON.stringify(result.errors));
    assert.equal(result.rows.read, result.rows.stored + result.rows.unchanged + result.rows.quarantined);
    return result;
  };

  await t.test('stores, products and 118 weeks of sales come in; a model is fitted on them', async () => {
    assert.equal((await load('customers', shelf.stores)).rows.quarantined, 0);
    assert.equal((await load('products', shelf.products)).rows.quarantined, 0);
    assert.ok((await load('sales', shelf.past)).rows.stored > 80_000);
    const ask = () => as('owner')(200, 'GET', '/ml/models');
    await eventually('a model', ask, ({ items }) => items.some((one: Json) => one.status === 'fitted'));
  });

  const year = (offset: number) => String(2011 + offset);
  const fund = await as('owner')(201, 'POST', '/funds', {
    ...{ code: 'NATIONAL', name: 'National', kind: 'fixed', currency: 'USD', amount: '100000.00' },
    ...{ validFrom: `${year(-1)}-01-01`, validTo: `${year(1)}-12-31` },
  });
  const division = (await allOf(callOver(url, tokens.kam), '/customers')).find(({ code }) => code === event.division);
  const product = (await allOf(callOver(url, tokens.kam), '/products')).find(({ code }) => code === event.upc);
  const promotion = await as('kam')(201, 'POST', '/promotions', termsOf(event, division.id, product.id, fund.id));

  let plan: Json;
  await t.test('the plan of the event that is to come: units with an interval, spend and profit', async () => {
    plan = await as('kam')(200, 'GET', `/promotions/${promotion.id}/plan`);
    assert.equal(plan.refusal, null);
    assert.ok(Number(plan.totals.incrementalUnits) > 0 && Number(plan.spend.amount) > 0 && plan.modelVersion);
    assert.ok(Number(plan.totals.incrementalLow) < Number(plan.totals.incrementalHigh));
  });

  await t.test('those who were invited decide, the fund is committed, and who watches sees it', async () => {
    const submitted = await as('kam')(200, 'POST', `/promotions/${promotion.id}/submit`);
    const watcher = await TestClient.signedIn(socketUrl, tokens.finance);
    watcher.send({ type: 'subscribe', id: 'w', channel: 'dashboard' });
    await watcher.frame('initial_data');
    for (const login of ['marketing', 'finance'] as const) {
      const [task] = (await as(login)(200, 'GET', `/tasks?mine=true&subjectId=${promotion.id}`)).items;
      if (task) await as(login)(200, 'POST', `/tasks/${task.id}/complete`, { outcome: 'approved', comment: 'go' });
    }
    await watcher.frame(
      'data_change',
      ({ entityId, operation }) => entityId === promotion.id && operation === 'approved',
    );
    watcher.socket.close();
    const book = await as('finance')(200, 'GET', `/funds/${fund.id}/checkbook`);
    assert.equal(book.committed.amount, submitted.plannedSpend.amount);
  });

  await t.test('the weeks pass, the real sales arrive, and the event is measured beside its prediction', async () => {
    clock.advanceDays(Math.ceil((Date.parse('2011-07-08') - clock.now().getTime()) / 86_400_000));
    await signInAll();
    const state = async () => (await as('kam')(200, 'GET', `/promotions/${promotion.id}`)).state;
    await eventually('ended', state, (now) => now === 'ended');
    await load('sales', shelf.later);
    const ask = () => as('kam')(200, 'GET', `/promotions/${promotion.id}/post-event`);
    const measured = await eventually('measured', ask, (answer) => answer.state !== 'pending');
    assert.equal(measured.state, 'measured', measured.reason);
    const { actual, predicted } = measured;
    t.diagnostic(
      `predicted ${predicted.incrementalUnits} (${predicted.low} to ${predicted.high}), measured ${actual.incrementalUnits} (${actual.low} to ${actual.high})`,
    );
    assert.ok(Number(actual.incrementalUnits) > 0, 'an event in most stores of a division sold something');
    assert.ok(
      Number(actual.low) <= Number(actual.incrementalUnits) && Number(actual.incrementalUnits) <= Number(actual.high),
    );
    assert.ok(
      measured.measurementVersion >= 1 && measured.baselineVersion && measured.formulaVersion && measured.verdict,
    );
    assert.equal(Number(predicted.incrementalUnits), Number(plan.totals.incrementalUnits));
    const observed = await allOf(
      callOver(url, tokens.owner),
      `/performance/observed-events?customerId=${division.id}&productId=${product.id}`,
    );
    const starts = observed.map(({ startsOn }) => startsOn);
    assert.ok(starts.includes(event.startsOn), `${starts.slice(-5)} hold the real event`);
  });
});
