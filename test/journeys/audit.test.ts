import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { choose, openBrowser, settle, signInAs, takeFile } from '../browser.ts';
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
    await rows.filter({ hasText: 'promotion.approved' }).first().waitFor();
    await rows.filter({ hasNotText: 'promotion.approved' }).first().waitFor({ state: 'detached' });
    await rows.first().click();
    const entry = page.getByRole('complementary', { name: 'Entry' });
    assert.match((await entry.getByRole('row', { name: /^State/ }).textContent()) ?? '', /submitted.*approved/);
    const proven = entry.getByText('Proven: the path from this entry leads to the signed root');
    const answered = proven.or(entry.getByRole('alert'));
    // The sealer may still be busy with what the demo wrote: it is asked again until it has come to this entry.
    for (let asked = 0; !(await proven.isVisible()); asked++) {
      assert.ok(asked < 60, 'the entry is never sealed');
      await entry.getByRole('button', { name: 'Prove that it is sealed' }).click();
      await answered.waitFor();
      await page.waitForTimeout(500);
    }

    await entry.getByRole('button', { name: 'All of this record' }).click();
    await rows.filter({ hasText: 'promotion.submitted' }).first().waitFor();

    await page.getByText('Seal and verification').click();
    await page.getByRole('button', { name: 'Verify the whole trail' }).click();
    const outcome = await page.getByText('As it was written.').locator('..').textContent();
    assert.match(outcome ?? '', /[1-9]\d* checkpoints and [1-9]\d* from outside the database agree/);

    const taken = await takeFile(page, page.getByRole('button', { name: 'Export the sealed trail' }));
    const file = readFileSync(await taken.path(), 'utf8');
    assert.match(file, /"kind":"entry".*"action":"promotion\.approved"/);
    await page.goto(`${demo.base}/audit?action=data.exported`);
    await rows.filter({ hasText: 'data.exported' }).first().waitFor();
    assert.deepEqual(errors, []);
  });

  test('how long the trail is kept changes only when that is confirmed, with what goes when in sight', async () => {
    const page = await signInAs(browser, demo.base, 'admin');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PUT' && request.url().endsWith('/audit/retention')) asked.push(request.url());
    });
    await page.goto(`${demo.base}/audit?view=seal`);
    const row = page.getByRole('row', { name: /^Financial/ });
    const change = row.getByRole('button', { name: 'Change the days of Financial' });
    await change.click();
    const dialog = page.getByRole('dialog');
    const days = dialog.getByRole('textbox', { name: 'Days to keep' });
    await days.fill('400');
    await dialog.getByText(/are dropped .* for good/).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await row.getByRole('cell', { name: '2,562 days' }).waitFor();
    assert.deepEqual(asked, [], 'Escape leaves it as it was');

    await change.click();
    await days.fill('100');
    assert.equal(await dialog.getByRole('button', { name: 'Keep', exact: true }).isDisabled(), true);
    await days.fill('2562');
    await dialog.getByRole('button', { name: 'Keep for 2,562 days' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(asked.length, 1, 'what is shown can be confirmed as it is');

    await change.click();
    await days.fill('2600');
    await dialog.getByRole('button', { name: 'Keep for 2,600 days' }).click();
    await row.getByRole('cell', { name: '2,600 days' }).waitFor();
    await page.close();
  });

  test('whoever is kept to some customers sees what is owed there on the accruals screen, and nothing is refused', async () => {
    const admin = await signInAs(browser, demo.base, 'admin');
    await admin.goto(`${demo.base}/people`);
    await admin.getByRole('button', { name: 'Fiona Castell', exact: true }).click();
    await choose(admin, 'Kept to customers, with all below', 'Ironwood', /Ironwood Club/);
    await admin.keyboard.press('Escape');
    await admin.getByRole('button', { name: 'Save' }).click();
    await admin
      .getByRole('row', { name: /^Fiona Castell/ })
      .getByText('Ironwood Club')
      .waitFor();
    await admin.close();

    const page = await signInAs(browser, demo.base, 'finance');
    const refused: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(`${demo.base}/accruals`);
    await page.getByText('this is what its tactics have earned and still owe').waitFor();
    await settle(page);
    assert.deepEqual(await page.getByRole('tab').allTextContents(), ['Owed in your part', 'Journals']);
    await page.getByRole('tab', { name: 'Journals' }).click();
    await page.getByText('No journal lies in your part').waitFor();
    await settle(page);
    assert.deepEqual(refused, []);
    await page.close();
  });
});
