import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import type { Locator, Page } from 'playwright-core';
import { createDemoPeople, createTenant } from '#security';
import { buildWeb } from '../../src/apps/web-assets.ts';
import { newPage, openBrowser, told } from '../browser.ts';
import { listingFile, nobodyFile, stuckFile } from './drawn-processes.ts';
import { runHouse } from './running-house.ts';

const password = 'correct horse battery';

/** The product with people and nothing else, and a browser; undefined where no browser starts. */
async function peopledHouse(t: TestContext) {
  const found = await openBrowser();
  if (!found.browser) {
    t.skip(found.reason);
    return undefined;
  }
  const { browser } = found;
  t.after(() => browser.close());
  await buildWeb();
  const { house, clock, url, ownerUrl } = await runHouse(t);
  const { tenantId } = await createTenant(house.store.db, clock, { slug: 'demo', publicUrl: url });
  const people = await createDemoPeople(house.store.db, clock, tenantId, password);
  const base = url.replace('127.0.0.1', 'localhost');
  const enter = async (login: string, viewport = { width: 1440, height: 900 }): Promise<Page> => {
    const page = await newPage(browser, { viewport, locale: 'en-US' });
    page.on('pageerror', (error) => assert.fail(String(error)));
    await page.goto(`${base}/sign-in`);
    await page.locator('input[name=email]').fill(`${login}@demo.tradeai.example`);
    await page.locator('input[name=password]').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.locator('.screen').first().waitFor();
    return page;
  };
  const idOf = (login: string) => people.find((person) => person.login === login)?.id ?? '';
  /** Makes somebody an administrator, behind the product. */
  const promote = async (login: string) => {
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query(`update identity.membership set roles = '{administrator}' where person_id = $1`, [idOf(login)]);
    await owner.end();
  };
  return { base, clock, enter, idOf, promote };
}

const dialogButton = (page: Page, name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true });

/** Imports a file, and waits until its diagram is drawn. */
async function importFile(page: Page, base: string, bpmn: string, title: string): Promise<void> {
  await page.goto(`${base}/workflow`);
  await page.getByRole('button', { name: 'Import BPMN' }).click();
  await page.getByLabel('Or its text').fill(bpmn);
  await dialogButton(page, 'Import').click();
  await page.getByRole('heading', { name: title }).waitFor();
  await page.locator('.bpmn-canvas[aria-busy="false"] .djs-shape').first().waitFor();
}

/** Publishes what is shown and starts one; answers where the instance is. */
async function publishAndStart(page: Page, title: string): Promise<string> {
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialogButton(page, 'Publish').click();
  await page.getByRole('button', { name: 'Start one' }).click();
  await page.getByLabel('Title').fill(title);
  await dialogButton(page, 'Start').click();
  await page.getByRole('heading', { name: title }).waitFor();
  return page.url();
}

const element = (page: Page, id: string) => page.locator(`.bpmn [data-element-id="${id}"]`);
const tokenOn = (page: Page, id: string) => page.locator(`.bpmn .mark-token[data-element-id="${id}"]`);
const entry = (page: Page, title: string): Locator => page.locator('.item', { hasText: title });

type House = NonNullable<Awaited<ReturnType<typeof peopledHouse>>>;

async function decideOne({ base, enter }: House): Promise<void> {
  const admin = await enter('admin');

  await importFile(admin, base, await stuckFile(), 'A way that never ends');
  await admin.locator('.bpmn .mark-wrong[data-element-id="wait"]').waitFor();
  for (const id of ['begin', 'begin-to-which', 'which', 'which-to-left', 'left'])
    assert.match((await element(admin, id).getAttribute('class')) ?? '', /mark-way/, id);
  assert.doesNotMatch((await element(admin, 'right').getAttribute('class')) ?? '', /mark-way/);
  await admin.locator('.bjs-powered-by').waitFor();
  await admin.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialogButton(admin, 'Publish').click();
  await admin.getByRole('dialog').getByRole('alert').getByText('may wait for ever').first().waitFor();
  await dialogButton(admin, 'Cancel').click();

  await importFile(admin, base, await listingFile(), 'Listing of a new item');
  const title = 'Chewy bar, 12 pieces';
  await publishAndStart(admin, title);
  await tokenOn(admin, 'sales').waitFor();

  const dora = await enter('director');
  await dora.goto(`${base}/work`);
  await entry(dora, title).locator('.pick').click();
  await dora.getByRole('button', { name: 'Approve' }).and(dora.locator(':enabled')).waitFor();
  await dora.keyboard.press('a');
  await dora.getByLabel('Price on the shelf').fill('120.50');
  await dora.keyboard.press('Control+Enter');
  await told(dora, 'Approved');

  // Both branches, without a reload.
  await Promise.all([tokenOn(admin, 'finance').waitFor(), tokenOn(admin, 'legal').waitFor()]);
  const decided = admin.locator('.timeline [data-what="task.completed"]');
  await decided.filter({ hasText: 'Approved by Dora Ingram' }).waitFor();
  await admin.locator('.timeline li', { hasText: 'Finance looks was asked for' }).waitFor();

  // On a phone, and one branch waits for the other.
  const legal = await enter('legal', { width: 390, height: 844 });
  await legal.goto(`${base}/work`);
  await entry(legal, title).locator('.pick').click();
  await legal.getByRole('button', { name: 'Reject' }).and(legal.locator(':enabled')).click();
  const width = await legal.evaluate('document.documentElement.scrollWidth');
  assert.equal(width, 390, 'a phone is wide enough');
  await dialogButton(legal, 'Reject').click();
  await legal.getByRole('dialog').getByText('Say why, so that the maker knows').waitFor();
  await legal.getByRole('dialog').getByRole('textbox').fill('The label lacks the allergens');
  await dialogButton(legal, 'Reject').click();
  await told(legal, 'Rejected');
  await tokenOn(admin, 'joined').waitFor();
  await decided.filter({ hasText: '“The label lacks the allergens”' }).waitFor();
}

async function mendOne({ base, clock, enter, idOf, promote }: House): Promise<void> {
  const admin = await enter('admin');
  await importFile(admin, base, await nobodyFile(), 'Whoever is named');
  const title = 'A form to be looked at';
  await publishAndStart(admin, title);
  await tokenOn(admin, 'later').waitFor();
  clock.advanceDays(1);
  await admin.locator('.bpmn .mark-stopped[data-element-id="look"]').waitFor();
  // Whoever started it mends nothing of it.
  await promote('analyst');
  const anders = await enter('analyst');
  await anders.goto(`${base}/workflow?tab=instances&stopped=true`);
  await anders.locator('tbody tr', { hasText: title }).click();
  await anders.getByRole('button', { name: 'Retry' }).click();
  const dialog = anders.getByRole('dialog');
  await dialog.getByLabel('What was mended').fill('The director looks at it');
  await dialog.getByText('Set variables anew').click();
  await dialog.getByLabel('approver').fill(idOf('director'));
  await dialogButton(anders, 'Retry').click();
  await tokenOn(admin, 'look').waitFor();
  await admin.locator('.timeline [data-what="incident.resolved"]', { hasText: 'The director looks at it' }).waitFor();
  const dora = await enter('director');
  await dora.goto(`${base}/work`);
  await entry(dora, title).waitFor();
}

test('the screens of processes', async (t) => {
  const house = await peopledHouse(t);
  if (!house) return;
  await t.test(
    'a file that never ends is refused with the way on its diagram, and a sound one carries decisions by keyboard and phone',
    () => decideOne(house),
  );
  await t.test('what stopped is told on its instance, and goes on when an administrator mends it and retries', () =>
    mendOne(house),
  );
});
