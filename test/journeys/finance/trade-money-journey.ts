import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { told } from '../../browser.ts';
import { fundOf } from './fund-of.ts';
import { amountText, cents, dayText, heading, type Money, type OnStage, plusDays, read } from './stage.ts';

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

/** Money on its way through funds, amendments, terms and account plans. */
export function tradeMoneyJourney(stage: OnStage): void {
  test('what is settled is Paid in the fund that bears it', async () => {
    const page = await stage().pageOf('finance');
    await page.goto(`${stage().base}/deductions?sort=-confidence`);
    await page.getByRole('heading', { name: 'Suggested match' }).waitFor();
    const reference =
      ((await page.locator('.item[aria-current="true"] .title').textContent()) ?? '').split(' ')[0] ?? '';
    await page.keyboard.press('m');
    await told(page, `${reference} matched`);
    const search = `search=${encodeURIComponent(reference)}`;
    const { items } = await read<{ items: Item[] }>(page, `/deductions?${search}&state=matched`);
    const { id } = items.find((one) => one.reference === reference) ?? {};
    const item = await read<Item>(page, `/deductions/${id}`);
    const [match] = item.matches;
    assert.ok(match, 'it is matched');
    const fundId = await fundOf(page, match);
    const paidNow = async () =>
      cents(
        (await read<{ figures: { paid: { value: Money } } }>(page, `/funds/${fundId}/checkbook`)).figures.paid.value,
      );
    const before = await paidNow();

    await page.goto(`${stage().base}/deductions?station=review&${search}`);
    await page.getByRole('heading', { name: 'Matched to' }).waitFor();
    await page.keyboard.press('v');
    const asked = page.getByRole('dialog').getByLabel('Valid without proof, because');
    await Promise.race([asked.waitFor(), told(page, `${reference} validated`)]);
    if (await asked.isVisible()) {
      await asked.focus();
      await page.keyboard.type('seen on our own panel');
      await page.keyboard.press('Enter');
      await told(page, 'Reviewed');
    }
    await page.goto(`${stage().base}/deductions?station=settle&${search}`);
    await heading(page).filter({ hasText: reference }).waitFor();
    await page.keyboard.press('s');
    await focused(page, 'By');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await told(page, 'Settled');

    const borne: bigint[] = [];
    for (const each of item.matches) if ((await fundOf(page, each)) === fundId) borne.push(cents(each.amount));
    assert.equal(
      (await paidNow()) - before,
      borne.reduce((sum, part) => sum + part, 0n),
    );
    await page.goto(`${stage().base}/funds?fund=${fundId}&column=paid`);
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
    assert.deepEqual(stage().takeErrors(), []);
  });

  test('an amendment is proposed, approved, and the history shows what it changed', async () => {
    const kam = await stage().pageOf('kam');
    const { items } = await read<{ items: { id: string; code: string; name: string; endsOn: string }[] }>(
      kam,
      '/promotions?state=approved&sort=startsOn&limit=1',
    );
    const [promotion] = items;
    assert.ok(promotion, 'a promotion is approved');
    const at = `${stage().base}/promotions/${promotion.id}`;
    await kam.goto(at);
    await kam.getByRole('button', { name: 'Amend', exact: true }).click();
    await kam.getByRole('textbox', { name: 'Why' }).fill('The buyer keeps it on the shelf for longer');
    await kam.getByLabel('In store until').fill(plusDays(promotion.endsOn, 7));
    await kam.getByText('Needs approval; until then').waitFor();
    await kam.getByRole('button', { name: 'Propose' }).click();
    await kam.locator('.panel .state[data-state="proposed"]').first().waitFor();

    // Who is asked is for the matrix to say: its figures decide between a peer, the director, finance and legal.
    for (const who of ['marketing', 'director', 'finance', 'legal', 'executive']) {
      const page = await stage().pageOf(who);
      const tasks = await read<{ items: { title: string; definition: string }[] }>(page, '/tasks?mine=true&limit=200');
      const isAsked = ({ title, definition }: (typeof tasks.items)[number]) =>
        definition === 'promotion-amendment' && title.includes(promotion.name);
      if (!tasks.items.some(isAsked)) continue;
      await page.goto(`${stage().base}/work`);
      const task = page.locator('.item', { hasText: promotion.name });
      await task.first().click();
      await page.getByRole('heading', { name: 'What the amendment changes' }).waitFor();
      await page.keyboard.press('a');
      await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
      await told(page, 'Approved');
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
    assert.deepEqual(stage().takeErrors(), []);
  });

  test('terms leave a waterfall from list to pocket whose figures open', async () => {
    const page = await stage().pageOf('kam');
    await page.goto(`${stage().base}/terms?tab=waterfall`);
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
    assert.deepEqual(stage().takeErrors(), []);
  });

  test('an account plan opens its gap, and scenarios stand beside it with what they differ by', async () => {
    const page = await stage().pageOf('kam');
    await page.goto(`${stage().base}/account-plans`);
    await page.getByRole('button', { name: 'Contribution, gap: explain' }).first().click();
    await page.getByRole('dialog').getByText('Formula version').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Scenarios' }).click();
    const table = page.locator('.panel', { has: page.getByRole('heading', { name: /^Customer P&L of the year/ }) });
    await table.getByRole('row').filter({ hasText: 'Gap of contribution to target' }).waitFor();
    assert.ok((await table.getByRole('columnheader').count()) >= 4, 'the plan and two scenarios');
    assert.match((await table.textContent()) ?? '', /[+−][\d,]+/);
    assert.deepEqual(stage().takeErrors(), []);
  });
}
