import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { settle, sheetText, takeFile } from '../../browser.ts';
import { fundOf } from './fund-of.ts';
import { amountText, type Money, type OnStage, read } from './stage.ts';

interface Proposed {
  kind: string;
  promotionId: string;
  promotionCode: string;
  tacticId: string;
  due: { value: Money };
}

/** The period that is over and open. */
async function endedPeriod(page: Page): Promise<string> {
  const { items } = await read<{ items: { id: string; endsOn: string }[] }>(page, '/periods');
  const period = items.at(-1);
  assert.ok(period && period.endsOn < new Date().toISOString().slice(0, 10), 'an ended period is open');
  return period.id;
}

/** What is due for a period, tactic by tactic. */
async function dueOf(page: Page, periodId: string): Promise<Proposed[]> {
  const { tactics } = await read<{ tactics: Proposed[] }>(page, `/accruals/proposal?periodId=${periodId}`);
  return tactics.filter(({ kind }) => kind === 'accrual');
}

const journals = (page: Page) =>
  page.locator('.panel').filter({ has: page.getByRole('heading', { name: 'Journals' }) });

/** The month end: prepared, approved, posted, exported, closed, reported and reopened. */
export function monthEndJourney(stage: OnStage): void {
  test('finance prepares, a second person approves, finance posts, exports, closes and reads a report that ties', async () => {
    const periodId = await endedPeriod(await stage().at('finance', '/accruals'));
    const view = (who: string, name: string) => stage().at(who, `/accruals?period=${periodId}&view=${name}`);
    const page = await view('finance', 'proposal');
    const due = page.getByRole('button', { name: 'Due in USD: explain' });
    await due.click();
    assert.match(await sheetText(page), /Σ due of \d+ tactics/);
    await page.keyboard.press('Escape');
    const dueText = (await due.textContent()) ?? '';
    const accrued = await dueOf(page, periodId);
    assert.ok(accrued.length > 0, 'something is due');
    await page.getByRole('button', { name: 'Prepare accruals' }).click();
    await page.waitForURL('**view=journals');
    const accrual = journals(page).getByRole('row').filter({ hasText: 'Accrual' });
    // The journal is what was proposed.
    await accrual.filter({ hasText: dueText }).first().waitFor();
    await accrual.first().getByText('You prepared it: somebody else approves.').waitFor();
    assert.equal(await journals(page).getByRole('button', { name: 'Approve', exact: true }).count(), 0);

    // What is accrued is Earned in the fund that bears it.
    for (const tactic of accrued) {
      await stage().at('finance', `/funds?fund=${await fundOf(page, tactic)}&column=earned`);
      const entry = page.locator('tbody tr', { hasText: tactic.promotionCode });
      await entry
        .filter({ hasText: amountText(tactic.due.value) })
        .first()
        .waitFor();
    }

    const second = await view('executive', 'journals');
    const prepared = journals(second).locator('.state[data-state="prepared"]');
    await prepared.first().waitFor();
    const waiting = await prepared.count();
    await second.keyboard.press('a');
    await journals(second)
      .locator('.state[data-state="approved"]')
      .nth(waiting - 1)
      .waitFor();

    await view('finance', 'journals');
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
      const file = await takeFile(page, page.getByRole('menuitem', { name: left % 2 ? 'CSV' : 'JSON for the ERP' }));
      const text = await readFile(await file.path(), 'utf8');
      assert.match(text, left % 2 ? /^journal_id,kind/ : /^\{"format":"tradeai.journal"/);
      await journals(page)
        .locator('.state[data-state="exported"]')
        .nth(waiting - left)
        .waitFor();
    }

    await view('finance', 'close');
    await page.getByRole('button', { name: 'Soft close' }).click();
    const close = page.getByRole('button', { name: 'Close the period' });
    await close.waitFor();
    assert.ok(await close.isDisabled(), 'what is missing must be set aside by name');
    await settle(page);
    const reasons = page.getByPlaceholder('Reason to close all the same');
    for (let at = 0; at < (await reasons.count()); at++) await reasons.nth(at).fill('a journey, not a month');
    await close.click();
    await page.getByRole('heading', { name: 'Set aside at closing' }).waitFor();
    assert.ok((await page.getByText('a journey, not a month').count()) > 0);

    await view('finance', 'proposal');
    await page.getByText('The period is closed', { exact: true }).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Prepare accruals' }).isDisabled(), 'it takes nothing');

    await view('finance', 'report');
    await page.getByText('ties to the journals to the cent').first().waitFor();
    const report = await takeFile(page, page.getByRole('button', { name: 'CSV' }));
    assert.match(report.suggestedFilename(), /^close-report-\d{4}-P\d+\.csv$/);

    await view('finance', 'close');
    await page.getByLabel('Reason').fill('a late invoice');
    await page.getByRole('button', { name: 'Ask to reopen' }).click();
    await page.getByText('You asked to reopen it').waitFor();
    await view('executive', 'close');
    await second.getByLabel('Reason').fill('agreed');
    await second.getByRole('button', { name: 'Agree and reopen' }).click();
    await second.locator('.pane-list .item[aria-current="true"] .state[data-state="open"]').waitFor();
    assert.deepEqual(stage().takeErrors(), []);
  });
}
