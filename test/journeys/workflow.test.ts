import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { told } from '../browser.ts';
import { drawFromNothing, keepWhatShips } from './draw-process.ts';
import { listingFile, nobodyFile, stuckFile } from './drawn-processes.ts';
import { dialogButton, entry, type PeopledHouse, peopledHouse } from './peopled-house.ts';

/** Imports a file, and waits until its diagram is drawn. */
async function importFile(page: Page, base: string, bpmn: string, title: string): Promise<void> {
  await page.goto(`${base}/workflow`);
  await page.getByRole('button', { name: 'Import BPMN' }).click();
  await page.getByLabel('Or its text').fill(bpmn);
  await dialogButton(page, 'Import').click();
  await page.getByRole('heading', { name: title }).waitFor();
  await page.locator('.bpmn-canvas[aria-busy="false"] .djs-shape').first().waitFor();
}

/** A process that comes with the product is drawn, and becomes the first draft of one's own. */
async function draftShipped({ base, enter }: PeopledHouse): Promise<void> {
  const admin = await enter('admin');
  await admin.goto(`${base}/workflow`);
  await entry(admin, 'budget-allocation').locator('.pick').click();
  await admin.getByText('comes with the product').waitFor();
  await admin.locator('.bpmn-canvas[aria-busy="false"] .djs-shape').first().waitFor();
  await admin.getByRole('button', { name: 'Draft your own' }).click();
  await told(admin, 'Kept as a draft');
  await admin.getByRole('button', { name: 'Publish', exact: true }).waitFor();
  await entry(admin, 'version 1').filter({ hasText: 'budget-allocation' }).waitFor();
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

async function decideOne({ base, enter }: PeopledHouse): Promise<void> {
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

async function mendOne({ base, clock, enter, idOf, promote }: PeopledHouse): Promise<void> {
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
  await t.test('a process that comes with the product is drawn, and becomes the first draft of one’s own', () =>
    draftShipped(house),
  );
  await t.test('a process drawn from nothing shows its mistake, is mended, published by a second and decided', () =>
    drawFromNothing(house),
  );
  await t.test('opened on the drawing board, what ships stays the same process', () => keepWhatShips(house));
});
