import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signInAs } from '../browser.ts';
import { startDemo } from '../demo-server.ts';

const found = await openBrowser();
const skip = found.browser ? false : `no browser can start here: ${found.reason}`;

describe('a month end in a browser', { skip }, () => {
  let browser: Browser;
  let demo: Awaited<ReturnType<typeof startDemo>>;

  before(async () => {
    browser = found.browser!;
    demo = await startDemo();
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  async function enter(who: string): Promise<{ page: Page; errors: string[] }> {
    const page = await signInAs(browser, demo.base, who);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    return { page, errors };
  }

  const view = (page: Page, name: string) => page.goto(`${demo.base}/accruals?view=${name}`);
  const journals = (page: Page) =>
    page.locator('.panel').filter({ has: page.getByRole('heading', { name: 'Journals' }) });

  test('finance prepares, a second person approves, finance posts, exports, closes and reads a report that ties', async () => {
    const finance = await enter('finance');
    const { page } = finance;
    await view(page, 'proposal');
    const due = page.getByRole('button', { name: 'Due in USD: explain' });
    await due.click();
    assert.match((await page.getByRole('dialog').textContent()) ?? '', /Σ due of \d+ tactics/);
    await page.keyboard.press('Escape');
    const dueText = (await due.textContent()) ?? '';
    await page.getByRole('button', { name: 'Prepare accruals' }).click();
    await page.waitForURL('**view=journals');
    const accrual = journals(page).getByRole('row').filter({ hasText: 'Accrual' });
    await accrual.first().waitFor();
    assert.ok((await accrual.first().textContent())?.includes(dueText), 'the journal is what was proposed');
    await accrual.first().getByText('You prepared it: somebody else approves.').waitFor();
    assert.equal(await journals(page).getByRole('button', { name: 'Approve', exact: true }).count(), 0);

    const second = await enter('executive');
    await view(second.page, 'journals');
    const prepared = journals(second.page).locator('.state[data-state="prepared"]');
    await prepared.first().waitFor();
    const waiting = await prepared.count();
    await second.page.keyboard.press('a');
    await journals(second.page)
      .locator('.state[data-state="approved"]')
      .nth(waiting - 1)
      .waitFor();

    await page.reload();
    const post = journals(page).getByRole('button', { name: 'Post', exact: true });
    await post.first().waitFor();
    for (let left = await post.count(); left > 0; left--) {
      await post.first().click();
      await journals(page)
        .locator('.state[data-state="posted"]')
        .nth(waiting - left)
        .waitFor();
    }
    const exportButton = journals(page)
      .locator('tr')
      .filter({ has: page.locator('[data-state="posted"]') })
      .getByRole('button', { name: 'Export' });
    for (let left = waiting; left > 0; left--) {
      await exportButton.first().click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: left % 2 ? 'CSV' : 'JSON for the ERP' }).click(),
      ]);
      const text = await readFile(await file.path(), 'utf8');
      assert.match(text, left % 2 ? /^journal_id,kind/ : /^\{"format":"tradeai.journal"/);
      await journals(page)
        .locator('.state[data-state="exported"]')
        .nth(waiting - left)
        .waitFor();
    }

    await view(page, 'close');
    await page.getByRole('button', { name: 'Soft close' }).click();
    const close = page.getByRole('button', { name: 'Close the period' });
    await close.waitFor();
    assert.ok(await close.isDisabled(), 'what is missing must be set aside by name');
    const reasons = page.getByPlaceholder('Reason to close all the same');
    for (let at = 0; at < (await reasons.count()); at++) await reasons.nth(at).fill('a journey, not a month');
    await close.click();
    await page.getByRole('heading', { name: 'Set aside at closing' }).waitFor();
    assert.ok((await page.getByText('a journey, not a month').count()) > 0);

    await view(page, 'proposal');
    await page.getByText('The period is closed', { exact: true }).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Prepare accruals' }).isDisabled(), 'it takes nothing');

    await view(page, 'report');
    await page.getByText('ties to the journals to the cent').first().waitFor();
    const [report] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    assert.match(report.suggestedFilename(), /^close-report-\d{4}-P\d+\.csv$/);

    await view(page, 'close');
    await page.getByLabel('Reason').fill('a late invoice');
    await page.getByRole('button', { name: 'Ask to reopen' }).click();
    await page.getByText('You asked to reopen it').waitFor();
    await view(second.page, 'close');
    await second.page.getByLabel('Reason').fill('agreed');
    await second.page.getByRole('button', { name: 'Agree and reopen' }).click();
    await second.page.locator('.pane-list .state[data-state="open"]').first().waitFor();
    assert.deepEqual([...finance.errors, ...second.errors], []);
  });
});
