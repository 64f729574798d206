import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signInAs } from '../browser.ts';
import { startDemo } from '../demo-server.ts';

const found = await openBrowser();
const skip = found.browser ? false : `no browser can start here: ${found.reason}`;

describe('the deduction desk in a browser', { skip }, () => {
  let browser: Browser;
  let demo: Awaited<ReturnType<typeof startDemo>>;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    browser = found.browser!;
    demo = await startDemo();
    page = await signInAs(browser, demo.base, 'finance');
    page.on('pageerror', (error) => errors.push(String(error)));
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const open = (path: string) => page.goto(`${demo.base}${path}`);
  const current = () => page.locator('.item[aria-current="true"] .title');
  const heading = () => page.locator('.pane-detail h2');
  const toast = (text: string) => page.locator('.toasts').getByText(text);

  test('an obvious match takes one key, and the next item is there', async () => {
    await open('/deductions?sort=-confidence');
    await page.locator('.item').first().waitFor();
    await page.getByRole('heading', { name: 'Suggested match' }).waitFor();
    const first = (await current().textContent())?.split(' ')[0] ?? '';
    const second = (await page.locator('.item .title').nth(1).textContent())?.split(' ')[0] ?? '';
    await page.keyboard.press('m');
    await heading().filter({ hasText: second }).waitFor();
    await toast(`${first} matched`).waitFor();
    assert.equal(await page.locator('.item .title', { hasText: first }).count(), 0, 'it left the queue');
    await open(`/deductions?station=review`);
    await page.locator('.item .title', { hasText: first }).waitFor();
  });

  test('what was matched is validated, a proof is asked for where it is needed, and it is settled', async () => {
    await open('/deductions?station=review');
    await page.locator('.panel h2', { hasText: 'Matched to' }).waitFor();
    const reference = (await current().textContent())?.split(' ')[0] ?? '';
    await page.keyboard.press('v');
    const asked = page.getByRole('dialog').getByLabel('Valid without proof, because');
    await Promise.race([asked.waitFor(), toast(`${reference} validated`).waitFor()]);
    if (await asked.isVisible()) {
      await asked.fill('seen on our own panel');
      await page.getByRole('dialog').getByRole('button', { name: 'Validate' }).click();
      await toast('Reviewed').waitFor();
    }
    await open('/deductions?station=settle');
    await heading().filter({ hasText: reference }).waitFor();
    await page.keyboard.press('s');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Settle / })
      .click();
    await toast('Settled').waitFor();
    await open('/deductions?station=done');
    await heading().filter({ hasText: reference }).waitFor();
    await page.getByText('Settled by').waitFor();
  });

  test('a priority explains itself, and the packet of a dispute is a ZIP with an index', async () => {
    await open('/deductions');
    await page.locator('.item').first().waitFor();
    await page.getByRole('button', { name: 'Priority: explain' }).click();
    assert.match((await page.getByRole('dialog').textContent()) ?? '', /recoverable money/);
    await page.keyboard.press('Escape');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Dispute packet' }).click(),
    ]);
    const files = Object.keys(unzipSync(await readFile(await file.path())));
    assert.deepEqual(files.slice(0, 3), ['index.html', 'index.csv', 'packet.json']);
  });

  test('j and k move, the filter narrows, and nothing failed behind the screen', async () => {
    await open('/deductions');
    await page.locator('.item').nth(1).waitFor();
    const first = (await current().textContent()) ?? '';
    await page.keyboard.press('j');
    await current().filter({ hasNotText: first }).waitFor();
    await page.keyboard.press('k');
    await current().filter({ hasText: first }).waitFor();
    await page.getByLabel('Filter').fill('no such reference');
    await page.getByText('Nothing fits the filter').waitFor();
    assert.deepEqual(errors, []);
  });
});
