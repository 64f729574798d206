import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { sheetText, takeFile, told } from '../../browser.ts';
import { cents, heading, type Money, type OnStage, read } from './stage.ts';

interface Item {
  id: string;
  reference: string;
  customerId: string;
  amount: Money;
  takenOn: string;
  reasonCode: string | null;
  state: string;
  flags: unknown[];
  matches: { promotionId: string; promotionCode: string; tacticId: string; amount: Money }[];
}

/** Waits until a field of the open dialog has the keyboard. */
const focused = (page: Page, label: string | RegExp) =>
  page.getByRole('dialog').getByLabel(label).and(page.locator(':focus')).waitFor();

/** Words into the field of an open dialog, and its last button, by keys alone. */
async function sayInDialog(page: Page, label: string, words: string): Promise<void> {
  await focused(page, label);
  await page.keyboard.type(words);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
}

const current = (page: Page) => page.locator('.item[aria-current="true"] .title');

/** The deduction desk: matched, validated, settled, disputed and split, by keyboard. */
export function deskJourney(stage: OnStage): void {
  test('an obvious match takes one key, and the next item is there', async () => {
    const page = await stage().at('finance', '/deductions?sort=-confidence');
    await page.locator('.item').first().waitFor();
    await page.getByRole('heading', { name: 'Suggested match' }).waitFor();
    // One reference may be the beginning of another.
    const waiting = async () =>
      (await page.locator('.item .title').allTextContents()).map((title) => title.split(' ')[0]);
    const [first = '', second = ''] = await waiting();
    await current(page).filter({ hasText: first }).waitFor();
    await page.keyboard.press('m');
    await heading(page).filter({ hasText: second }).waitFor();
    await told(page, `${first} matched`);
    assert.ok(!(await waiting()).includes(first), 'it left the queue');
    await stage().at('finance', `/deductions?station=review`);
    await page.locator('.item .title').first().waitFor();
    assert.ok((await waiting()).includes(first), 'it waits for its review');
  });

  test('what was matched is validated, a proof is asked for where it is needed, and it is settled', async () => {
    const page = await stage().at('finance', '/deductions?station=review');
    await page.locator('.panel h2', { hasText: 'Matched to' }).waitFor();
    const reference = (await current(page).textContent())?.split(' ')[0] ?? '';
    await page.keyboard.press('v');
    const asked = page.getByRole('dialog').getByLabel('Valid without proof, because');
    await Promise.race([asked.waitFor(), told(page, `${reference} validated`)]);
    if (await asked.isVisible()) {
      await asked.fill('seen on our own panel');
      await page.getByRole('dialog').getByRole('button', { name: 'Validate' }).click();
      await told(page, 'Reviewed');
    }
    await stage().at('finance', '/deductions?station=settle');
    await heading(page).filter({ hasText: reference }).waitFor();
    await page.keyboard.press('s');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Settle / })
      .click();
    await told(page, 'Settled');
    await stage().at('finance', '/deductions?station=done');
    await heading(page).filter({ hasText: reference }).waitFor();
    await page.getByText('Settled by').waitFor();
  });

  test('a priority explains itself, and the packet of a dispute is a ZIP with an index', async () => {
    const page = await stage().at('finance', '/deductions');
    await page.locator('.item').first().waitFor();
    await page.getByRole('button', { name: 'Priority: explain' }).click();
    assert.match(await sheetText(page), /recoverable money/);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const file = await takeFile(page, page.getByRole('button', { name: 'Dispute packet' }));
    const files = Object.keys(unzipSync(await readFile(await file.path())));
    assert.deepEqual(files.slice(0, 3), ['index.html', 'index.csv', 'packet.json']);
  });

  test('j and k move, the filter narrows, and nothing failed behind the screen', async () => {
    const page = await stage().at('finance', '/deductions');
    await page.locator('.item').nth(1).waitFor();
    const first = (await current(page).textContent()) ?? '';
    await page.keyboard.press('j');
    await current(page).filter({ hasNotText: first }).waitFor();
    await page.keyboard.press('k');
    await current(page).filter({ hasText: first }).waitFor();
    await page.getByLabel('Filter').fill('no such reference');
    await page.getByText('Nothing fits the filter').waitFor();
    assert.deepEqual(stage().takeErrors(), []);
  });
  test('a repeat says what it repeats and is disputed without a mouse', async () => {
    const page = await stage().pageOf('finance');
    const { items } = await read<{ items: Item[] }>(page, '/deductions?limit=200');
    const once = (text: string) => items.filter(({ reference }) => reference.includes(text)).length === 1;
    const first = items.find(
      ({ state, flags, reference }) => state === 'categorised' && !flags.length && once(reference),
    );
    assert.ok(first, 'a deduction waits that repeats nothing');
    const repeated = `${first.reference}-R`;

    await page.goto(`${stage().base}/deductions?search=${encodeURIComponent(first.reference)}`);
    await heading(page).filter({ hasText: first.reference }).waitFor();
    await page.getByRole('button', { name: 'Capture', exact: true }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Customer', { exact: true }).selectOption(first.customerId);
    await form.getByLabel('Customer’s number').fill(repeated);
    await form.getByLabel('Taken on').fill(first.takenOn);
    await form.getByLabel(/^Amount, tax included/).fill(first.amount.amount);
    await form.getByLabel('Customer’s reason code').fill(first.reasonCode ?? '');
    await page.keyboard.press('Enter');
    await told(page, 'Captured');
    await page.goto(`${stage().base}/deductions?search=${encodeURIComponent(repeated)}`);
    await heading(page).filter({ hasText: repeated }).waitFor();
    await page.getByRole('note').filter({ hasText: 'Duplicate' }).filter({ hasText: first.reference }).waitFor();

    await page.keyboard.press('q');
    await sayInDialog(page, 'What is missing', 'is it the same payment?');
    await told(page, 'Sent to research');
    await heading(page).locator('.state[data-state="needs_research"]').waitFor();
    await page.keyboard.press('v');
    await focused(page, /^Valid of/);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('0');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await sayInDialog(page, 'Note', 'paid once already');
    await told(page, 'Reviewed');
    await page.goto(`${stage().base}/deductions?station=refused&search=${encodeURIComponent(repeated)}`);
    await heading(page).filter({ hasText: repeated }).waitFor();
    await page.keyboard.press('d');
    await sayInDialog(page, 'Why it is not ours', 'taken twice');
    await told(page, 'Disputed');
    await page.reload();
    await heading(page).locator('.state[data-state="disputed"]').waitFor();
    assert.deepEqual(stage().takeErrors(), []);
  });

  test('a deduction is split by key into parts that are the whole to the cent', async () => {
    const page = await stage().pageOf('finance');
    const { items } = await read<{ items: Item[] }>(page, '/deductions?limit=200');
    const once = (text: string) => items.filter(({ reference }) => reference.includes(text)).length === 1;
    const whole = items.find(({ state, reference }) => state === 'categorised' && once(reference));
    assert.ok(whole, 'a deduction waits');
    const search = `/deductions?search=${encodeURIComponent(whole.reference)}`;
    await page.goto(stage().base + search);
    await heading(page).filter({ hasText: whole.reference }).waitFor();
    await page.keyboard.press('x');
    await focused(page, /^Part 1/);
    await page.keyboard.type('12.50');
    await page.keyboard.press('Enter');
    await told(page, 'Split');
    const after = await read<{ items: Item[] }>(page, search);
    const parts = after.items.filter(({ reference }) => reference.startsWith(`${whole.reference}/`));
    assert.deepEqual(parts.map(({ amount }) => cents(amount)).sort(), [1_250n, cents(whole.amount) - 1_250n].sort());
    await page.goto(stage().base + search);
    await page.locator('.item', { hasText: `${whole.reference}/2` }).waitFor();
    // A part is captured anew: somebody says what it is for before it can be matched.
    await page.locator('.item', { hasText: `${whole.reference}/2` }).click();
    await heading(page)
      .filter({ hasText: `${whole.reference}/2` })
      .waitFor();
    await page.keyboard.press('t');
    await focused(page, 'It is for');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await told(page, 'Categorised');
    await heading(page).locator('.state[data-state="categorised"]').waitFor();
    assert.deepEqual(stage().takeErrors(), []);
  });
}
