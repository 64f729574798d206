import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, signInAs } from '../browser.ts';
import { startDemo } from '../demo-server.ts';

const found = await openBrowser();
const skip = found.browser ? false : `no browser can start here: ${found.reason}`;

describe('an auditor in a browser', { skip }, () => {
  let browser: Browser;
  let demo: Awaited<ReturnType<typeof startDemo>>;

  before(async () => {
    browser = found.browser!;
    demo = await startDemo();
  });

  after(async () => {
    await demo?.stop();
    await browser?.close();
  });

  test('an auditor finds who approved what, proves the entry, verifies the whole trail and takes it along', async () => {
    const page = await signInAs(browser, demo.base, 'auditor');
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${demo.base}/audit`);
    await page.getByRole('textbox', { name: 'Action' }).fill('promotion.approved');
    await page.waitForURL('**/audit?action=promotion.approved');
    const rows = page.locator('tbody tr');
    await rows.filter({ hasText: 'promotion.submitted' }).first().waitFor({ state: 'detached' });
    await rows.first().click();
    const entry = page.getByRole('complementary', { name: 'Entry' });
    assert.match((await entry.getByRole('row', { name: /^State/ }).textContent()) ?? '', /submitted.*approved/);
    await entry.getByRole('button', { name: 'Prove that it is sealed' }).click();
    await entry.getByText('Proven: the path from this entry leads to the signed root').waitFor();

    await entry.getByRole('button', { name: 'All of this record' }).click();
    await rows.filter({ hasText: 'promotion.submitted' }).first().waitFor();

    await page.getByText('Seal and verification').click();
    await page.getByRole('button', { name: 'Verify the whole trail' }).click();
    const outcome = await page.getByText('As it was written.').locator('..').textContent();
    assert.match(outcome ?? '', /[1-9]\d* checkpoints and [1-9]\d* from outside the database agree/);

    const taken = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export the sealed trail' }).click();
    const file = readFileSync(await (await taken).path(), 'utf8');
    assert.match(file, /"kind":"entry".*"action":"promotion\.approved"/);
    await page.goto(`${demo.base}/audit?action=data.exported`);
    await rows.filter({ hasText: 'data.exported' }).first().waitFor();
    assert.deepEqual(errors, []);
  });
});
