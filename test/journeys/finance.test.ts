import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signInAs } from '../browser.ts';
import { startDemo } from '../demo-server.ts';

const found = await openBrowser();
const skip = found.browser ? false : `no browser can start here: ${found.reason}`;

/** An amount as the API writes it. */
interface Money {
  amount: string;
  currency: string;
}

const plusDays = (date: string, days: number) =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
/** A date as a screen shows it. */
const dayText = (date: string) =>
  new Date(`${date}T00:00:00Z`).toLocaleDateString('en-US', {
    ...{ month: 'short', day: 'numeric' },
    ...{ year: 'numeric', timeZone: 'UTC' },
  });
const amountText = ({ amount }: Money) =>
  Number(amount).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const cents = ({ amount }: Money) => BigInt(Math.round(Number(amount) * 100));

describe('trade money in a browser', { skip }, () => {
  let browser: Browser;
  let demo: Awaited<ReturnType<typeof startDemo>>;
  const errors: string[] = [];
  const pages = new Map<string, Page>();

  before(async () => {
    browser = found.browser!;
    demo = await startDemo();
  });

  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  /** A page of somebody, signed in once; an error in any page fails the test that looks for it. */
  async function pageOf(who: string): Promise<Page> {
    const known = pages.get(who);
    if (known) return known;
    const page = await signInAs(browser, demo.base, who);
    page.on('pageerror', (error) => errors.push(String(error)));
    pages.set(who, page);
    return page;
  }

  /** What the API answers the page's person. */
  async function read<T>(page: Page, path: string): Promise<T> {
    return page.evaluate(async (path) => {
      const renewed = await fetch('/api/v1/auth/refresh', { method: 'POST' });
      const { accessToken } = (await renewed.json()) as { accessToken: string };
      const response = await fetch(`/api/v1${path}`, { headers: { authorization: `Bearer ${accessToken}` } });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return (await response.json()) as T;
    }, path);
  }

  const toast = (page: Page, text: string) => page.locator('.toasts').getByText(text).first();
  const heading = (page: Page) => page.locator('.pane-detail h2').first();

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

  test('a repeat says what it repeats and is disputed without a mouse', async () => {
    const page = await pageOf('finance');
    const { items } = await read<{ items: Item[] }>(page, '/deductions?limit=200');
    const once = (text: string) => items.filter(({ reference }) => reference.includes(text)).length === 1;
    const first = items.find(
      ({ state, flags, reference }) => state === 'categorised' && !flags.length && once(reference),
    );
    assert.ok(first, 'a deduction waits that repeats nothing');
    const repeated = `${first.reference}-R`;

    await page.goto(`${demo.base}/deductions?search=${encodeURIComponent(first.reference)}`);
    await heading(page).filter({ hasText: first.reference }).waitFor();
    await page.getByRole('button', { name: 'Capture', exact: true }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Customer', { exact: true }).selectOption(first.customerId);
    await form.getByLabel('Customer’s number').fill(repeated);
    await form.getByLabel('Taken on').fill(first.takenOn);
    await form.getByLabel(/^Amount, tax included/).fill(first.amount.amount);
    await form.getByLabel('Customer’s reason code').fill(first.reasonCode ?? '');
    await page.keyboard.press('Enter');
    await toast(page, 'Captured').waitFor();
    await page.goto(`${demo.base}/deductions?search=${encodeURIComponent(repeated)}`);
    await heading(page).filter({ hasText: repeated }).waitFor();
    await page.getByRole('note').filter({ hasText: 'Duplicate' }).filter({ hasText: first.reference }).waitFor();

    await page.keyboard.press('q');
    await sayInDialog(page, 'What is missing', 'is it the same payment?');
    await toast(page, 'Sent to research').waitFor();
    await heading(page).locator('.state[data-state="needs_research"]').waitFor();
    await page.keyboard.press('v');
    await focused(page, /^Valid of/);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('0');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await sayInDialog(page, 'Note', 'paid once already');
    await toast(page, 'Reviewed').waitFor();
    await page.goto(`${demo.base}/deductions?station=refused&search=${encodeURIComponent(repeated)}`);
    await heading(page).filter({ hasText: repeated }).waitFor();
    await page.keyboard.press('d');
    await sayInDialog(page, 'Why it is not ours', 'taken twice');
    await toast(page, 'Disputed').waitFor();
    await page.reload();
    await heading(page).locator('.state[data-state="disputed"]').waitFor();
    assert.deepEqual(errors, []);
  });

  test('a deduction is split by key into parts that are the whole to the cent', async () => {
    const page = await pageOf('finance');
    const { items } = await read<{ items: Item[] }>(page, '/deductions?limit=200');
    const once = (text: string) => items.filter(({ reference }) => reference.includes(text)).length === 1;
    const whole = items.find(({ state, reference }) => state === 'categorised' && once(reference));
    assert.ok(whole, 'a deduction waits');
    const search = `/deductions?search=${encodeURIComponent(whole.reference)}`;
    await page.goto(demo.base + search);
    await heading(page).filter({ hasText: whole.reference }).waitFor();
    await page.keyboard.press('x');
    await focused(page, /^Part 1/);
    await page.keyboard.type('12.50');
    await page.keyboard.press('Enter');
    await toast(page, 'Split').waitFor();
    const after = await read<{ items: Item[] }>(page, search);
    const parts = after.items.filter(({ reference }) => reference.startsWith(`${whole.reference}/`));
    assert.deepEqual(parts.map(({ amount }) => cents(amount)).sort(), [1_250n, cents(whole.amount) - 1_250n].sort());
    await page.goto(demo.base + search);
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
    await toast(page, 'Categorised').waitFor();
    await heading(page).locator('.state[data-state="categorised"]').waitFor();
    assert.deepEqual(errors, []);
  });

  /** The fund that bears a tactic, the first one of its split. */
  async function fundOf(page: Page, { promotionId, tacticId }: { promotionId: string; tacticId: string }) {
    type Promotion = { tactics: { id: string; fundSplit: { fundId: string }[] }[] };
    const { tactics } = await read<Promotion>(page, `/promotions/${promotionId}`);
    return tactics.find(({ id }) => id === tacticId)?.fundSplit[0]?.fundId ?? '';
  }

  test('what is accrued for the period that is over is Earned in the fund that bears it', async () => {
    const page = await pageOf('finance');
    const { items } = await read<{ items: { id: string; endsOn: string }[] }>(page, '/periods');
    const period = items.at(-1);
    assert.ok(period && period.endsOn < new Date().toISOString().slice(0, 10), 'an ended period is open');
    interface Proposed {
      kind: string;
      promotionId: string;
      promotionCode: string;
      tacticId: string;
      due: { value: Money };
    }
    const proposal = await read<{ tactics: Proposed[] }>(page, `/accruals/proposal?periodId=${period.id}`);
    const due = proposal.tactics.filter(({ kind }) => kind === 'accrual');
    assert.ok(due.length > 0, 'something is due');
    await page.goto(`${demo.base}/accruals?period=${period.id}`);
    await page.getByRole('button', { name: 'Prepare accruals' }).click();
    await page.waitForURL('**view=journals');
    await page.getByText('You prepared it: somebody else approves.').first().waitFor();
    for (const tactic of due) {
      await page.goto(`${demo.base}/funds?fund=${await fundOf(page, tactic)}&column=earned`);
      const entry = page.locator('tbody tr', { hasText: tactic.promotionCode });
      await entry
        .filter({ hasText: amountText(tactic.due.value) })
        .first()
        .waitFor();
    }
    assert.deepEqual(errors, []);
  });

  test('what is settled is Paid in the fund that bears it', async () => {
    const page = await pageOf('finance');
    await page.goto(`${demo.base}/deductions?sort=-confidence`);
    await page.getByRole('heading', { name: 'Suggested match' }).waitFor();
    const reference =
      ((await page.locator('.item[aria-current="true"] .title').textContent()) ?? '').split(' ')[0] ?? '';
    await page.keyboard.press('m');
    await toast(page, `${reference} matched`).waitFor();
    const search = `search=${encodeURIComponent(reference)}`;
    const { items } = await read<{ items: { id: string }[] }>(page, `/deductions?${search}&state=matched`);
    const item = await read<Item>(page, `/deductions/${items[0]?.id}`);
    const [match] = item.matches;
    assert.ok(match, 'it is matched');
    const fundId = await fundOf(page, match);
    const paidNow = async () =>
      cents(
        (await read<{ figures: { paid: { value: Money } } }>(page, `/funds/${fundId}/checkbook`)).figures.paid.value,
      );
    const before = await paidNow();

    await page.goto(`${demo.base}/deductions?station=review&${search}`);
    await page.getByRole('heading', { name: 'Matched to' }).waitFor();
    await page.keyboard.press('v');
    const asked = page.getByRole('dialog').getByLabel('Valid without proof, because');
    await Promise.race([asked.waitFor(), toast(page, `${reference} validated`).waitFor()]);
    if (await asked.isVisible()) {
      await asked.focus();
      await page.keyboard.type('seen on our own panel');
      await page.keyboard.press('Enter');
      await toast(page, 'Reviewed').waitFor();
    }
    await page.goto(`${demo.base}/deductions?station=settle&${search}`);
    await heading(page).filter({ hasText: reference }).waitFor();
    await page.keyboard.press('s');
    await focused(page, 'By');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await toast(page, 'Settled').waitFor();

    const borne: bigint[] = [];
    for (const each of item.matches) if ((await fundOf(page, each)) === fundId) borne.push(cents(each.amount));
    assert.equal(
      (await paidNow()) - before,
      borne.reduce((sum, part) => sum + part, 0n),
    );
    await page.goto(`${demo.base}/funds?fund=${fundId}&column=paid`);
    const entry = page.locator('tbody tr', { hasText: match.promotionCode });
    await entry
      .filter({ hasText: amountText(match.amount) })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Paid: explain' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByText('Formula version').waitFor();
    await sheet.getByRole('button', { name: 'Show the rows behind it' }).click();
    await sheet
      .locator('tbody tr', { hasText: amountText(match.amount) })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    assert.deepEqual(errors, []);
  });

  test('an amendment is proposed, approved, and the history shows what it changed', async () => {
    const kam = await pageOf('kam');
    const { items } = await read<{ items: { id: string; code: string; name: string; endsOn: string }[] }>(
      kam,
      '/promotions?state=approved&sort=startsOn&limit=1',
    );
    const [promotion] = items;
    assert.ok(promotion, 'a promotion is approved');
    const at = `${demo.base}/promotions/${promotion.id}`;
    await kam.goto(at);
    await kam.getByRole('button', { name: 'Amend', exact: true }).click();
    await kam.getByRole('textbox', { name: 'Why' }).fill('The buyer keeps it on the shelf for longer');
    await kam.getByLabel('In store until').fill(plusDays(promotion.endsOn, 7));
    await kam.getByText('Needs approval; until then').waitFor();
    await kam.getByRole('button', { name: 'Propose' }).click();
    await kam.locator('.panel .state[data-state="proposed"]').first().waitFor();

    // A loss, or money above the director's limit: finance decides too.
    for (const who of ['director', 'finance', 'executive']) {
      if ((await kam.locator('.panel .state[data-state="applied"]').count()) > 0) break;
      const page = await pageOf(who);
      await page.goto(`${demo.base}/work`);
      const task = page.locator('.item', { hasText: promotion.name });
      await Promise.race([task.first().waitFor(), page.getByText('Nothing waits for you').waitFor()]);
      if ((await task.count()) === 0) continue;
      await task.first().click();
      await page.getByRole('heading', { name: 'What the amendment changes' }).waitFor();
      await page.keyboard.press('a');
      await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
      await toast(page, 'Approved').waitFor();
      await kam.goto(`${at}?tab=amendments`);
      await kam
        .getByText(/^Amendment 1/)
        .first()
        .waitFor();
    }
    await kam.locator('.panel .state[data-state="applied"]').first().waitFor();
    await kam.goto(`${at}?tab=versions`);
    await kam.locator('summary').first().click();
    const change = kam.locator('details[open] tr', { hasText: 'In store until' });
    assert.match(
      (await change.first().textContent()) ?? '',
      new RegExp(`${dayText(promotion.endsOn)}.*${dayText(plusDays(promotion.endsOn, 7))}`),
    );
    assert.deepEqual(errors, []);
  });

  test('terms leave a waterfall from list to pocket whose figures open', async () => {
    const page = await pageOf('kam');
    await page.goto(`${demo.base}/terms?tab=waterfall`);
    const pocket = page.getByRole('button', { name: 'Pocket, total: explain' });
    await pocket.waitFor();
    const steps = await page.locator('table.grid tbody tr td:first-child').allTextContents();
    assert.ok(steps.indexOf('Gross sales at list') < steps.indexOf('Invoice'), steps.join());
    assert.ok(steps.indexOf('Invoice') < steps.indexOf('Net') && steps.indexOf('Net') < steps.indexOf('Pocket'));
    await pocket.click();
    await page.getByRole('dialog').getByText('Formula version').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Show the rows behind it' }).click();
    await page.getByRole('dialog').locator('tbody tr', { hasText: /\d/ }).nth(8).waitFor();
    await page.keyboard.press('Escape');
    assert.deepEqual(errors, []);
  });

  test('an account plan opens its gap, and scenarios stand beside it with what they differ by', async () => {
    const page = await pageOf('kam');
    await page.goto(`${demo.base}/account-plans`);
    await page.getByRole('button', { name: 'Contribution, gap: explain' }).first().click();
    await page.getByRole('dialog').getByText('Formula version').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Scenarios' }).click();
    const table = page.locator('.panel', { has: page.getByRole('heading', { name: /^Customer P&L of the year/ }) });
    await table.getByRole('row').filter({ hasText: 'Gap of contribution to target' }).waitFor();
    assert.ok((await table.getByRole('columnheader').count()) >= 4, 'the plan and two scenarios');
    assert.match((await table.textContent()) ?? '', /[+−][\d,]+/);
    assert.deepEqual(errors, []);
  });

  test('after all of it every invariant holds, and the list is a spreadsheet', async () => {
    const page = await pageOf('finance');
    await page.goto(`${demo.base}/invariants`);
    await page.getByText(/checked every \d+ s: all hold/).waitFor();
    const names = (await read<{ items: { name: string }[] }>(page, '/monitoring/invariants')).items.map(
      ({ name }) => name,
    );
    await page.getByRole('button', { name: 'Export' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Spreadsheet (XLSX)' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'invariants.xlsx');
    const parts = Object.entries(unzipSync(await readFile(await file.path())));
    const text = parts.map(([, bytes]) => strFromU8(bytes)).join();
    assert.deepEqual(
      names.filter((name) => !text.includes(name)),
      [],
    );
    assert.deepEqual(errors, []);
  });
});
