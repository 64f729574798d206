import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { settle, told } from '../browser.ts';
import type { TestMailServer } from '../mail-server.ts';
import { dialogButton, entry, type PeopledHouse } from './peopled-house.ts';
import { eventually } from './running-house.ts';

const phone = { width: 390, height: 844 };
const usd = (amount: string) => ({ amount, currency: 'USD' });
const enabled = (page: Page, name: string) =>
  page.locator('.pane-detail').getByRole('button', { name }).and(page.locator(':enabled'));

/** Opens somebody's task, which says `evidence`, and approves it by keyboard. */
async function approveByKeys(page: Page, base: string, title: string, evidence: string): Promise<void> {
  await page.goto(`${base}/work`);
  await entry(page, title).locator('.pick').click();
  await page.locator('.pane-detail').getByText(evidence).first().waitFor();
  await enabled(page, 'Approve').waitFor();
  await page.keyboard.press('a');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Control+Enter');
  await told(page, 'Approved');
}

/** The link of the letter to somebody about a task, without its origin: the server of a test gets its port when it listens. */
async function linkTo({ taken }: TestMailServer, login: string, title: string): Promise<string> {
  const whole = (letter: string) => letter.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  const find = async () =>
    taken.map(whole).find((letter) => letter.includes(`To: ${login}@`) && letter.includes(`To decide: ${title}`)) ?? '';
  const letter = await eventually(`a letter to ${login} about ${title}`, find, (one) => one !== '');
  const [, path = ''] = /https?:\/\/[^/\s]+(\/work\?task=[\da-f-]{36})/.exec(letter) ?? [];
  return path;
}

/** A fund gets more money: asked by one, decided by three, the last of them by the link of a letter, on a phone. */
export async function askForBudget({ base, enter, calling }: PeopledHouse, mails: TestMailServer): Promise<void> {
  const year = new Date().getUTCFullYear();
  const fund = await (await calling('finance'))(201, 'POST', '/funds', {
    ...{ code: 'NAT', name: 'National fund', kind: 'fixed', currency: 'USD', amount: '1000.00' },
    ...{ validFrom: `${year - 1}-01-01`, validTo: `${year + 1}-12-31` },
  });
  const title = 'NAT National fund: more budget';
  const kira = await enter('kam');
  await kira.goto(`${base}/funds?fund=${fund.id}&tab=budget`);
  await kira.getByRole('button', { name: 'Ask for budget' }).click();
  await kira.getByRole('dialog').getByLabel('Amount (USD)').fill('250000');
  await kira.getByRole('dialog').getByLabel('Why').fill('Eleven new stores');
  await dialogButton(kira, 'Ask').click();
  const request = kira.getByRole('table', { name: 'Budget requests' }).locator('tr', { hasText: 'Eleven new stores' });
  await request.getByText('Requested').waitFor();

  await approveByKeys(await enter('marketing'), base, title, 'Eleven new stores');
  await approveByKeys(await enter('finance'), base, title, 'Planning review: Approved by Milo Trent');
  await request.getByText('Requested').waitFor();

  const link = await linkTo(mails, 'executive', title);
  assert.notEqual(link, '', 'the letter has a link to the task');
  const esme = await enter('executive', phone, link);
  await esme.locator('.pane-detail h2', { hasText: title }).waitFor();
  assert.ok(esme.url().endsWith(link), `the sign-in on the way came back to ${link}, not ${esme.url()}`);
  await esme.locator('.pane-detail').getByText('is above 200,000').first().waitFor();
  assert.equal(await esme.evaluate('document.documentElement.scrollWidth'), phone.width, 'a phone is wide enough');
  const cut = await esme
    .locator('.pane-detail .actions-bar .mantine-Button-label')
    .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent));
  assert.deepEqual(cut, [], 'buttons show their words whole');
  await enabled(esme, 'Approve').click();
  await dialogButton(esme, 'Approve').click();
  await told(esme, 'Approved');

  await kira.reload();
  await request.getByText('Approved').waitFor();
  await kira.locator('.kpi', { hasText: 'Budgeted' }).getByText('251,000').waitFor();
}

/** Two requests are returned together, with one reason. */
export async function returnTogether({ base, enter, calling }: PeopledHouse): Promise<void> {
  const kam = await calling('kam');
  const [fund] = (await kam(200, 'GET', '/funds?search=NAT')).items;
  for (const note of ['This', 'That']) {
    await kam(201, 'POST', `/funds/${fund.id}/budget-requests`, { amount: usd('10.00'), note });
  }
  const milo = await enter('marketing');
  await milo.goto(`${base}/work`);
  const boxes = entry(milo, 'NAT National fund: more budget').getByRole('checkbox');
  await boxes.nth(1).waitFor();
  for (const place of [0, 1]) await boxes.nth(place).click();
  await milo.getByRole('toolbar', { name: 'Picked tasks' }).getByRole('button', { name: 'Return' }).click();
  const dialog = milo.getByRole('dialog');
  await dialog.getByText('20.00').waitFor();
  await dialog.getByRole('textbox', { name: 'Why, for all of them' }).fill('Ask for both at once');
  await dialogButton(milo, 'Return 2').click();
  await dialog.getByRole('status').filter({ hasText: '2 of 2 decided' }).waitFor();
  await dialog.getByText('Close', { exact: true }).click();
  await milo.getByText('Nothing waits for you').waitFor();
}

async function beginOnboarding(page: Page, limit: string): Promise<void> {
  await page.getByRole('button', { name: 'Onboard', exact: true }).click();
  await page.getByRole('dialog').getByLabel('Credit limit asked for (USD)').fill(limit);
  await dialogButton(page, 'Begin').click();
  await told(page, 'Onboarding begun');
  await page.getByText('asked for').first().waitFor();
}

/** A customer is sent back once, then gets a credit limit on conditions, and is active when both set-up tasks are done. */
export async function onboardCustomer({ base, enter, calling }: PeopledHouse): Promise<void> {
  const customer = { code: 'TWV', name: 'Tallow Stores', type: 'banner', currency: 'USD' };
  const { id } = await (await calling('admin'))(201, 'POST', '/customers', customer);
  const title = 'TWV Tallow Stores: onboarding';
  const adam = await enter('admin');
  await adam.goto(`${base}/master-data?row=${id}`);
  await beginOnboarding(adam, '60000');

  const fiona = await enter('finance');
  await fiona.goto(`${base}/work`);
  await entry(fiona, title).locator('.pick').click();
  await enabled(fiona, 'Return').click();
  // Whoever sends it back grants nothing.
  await fiona.getByRole('dialog').getByRole('textbox', { name: 'Why' }).fill('Accounts of last year are missing');
  await dialogButton(fiona, 'Return').click();
  await told(fiona, 'Returned');

  await adam.reload();
  await adam.getByText('Returned', { exact: true }).waitFor();
  await beginOnboarding(adam, '60000');
  await entry(fiona, title).locator('.pick').click();
  await fiona.locator('.pane-detail tr', { hasText: 'Credit limit asked for' }).getByText('60,000.00').waitFor();
  await enabled(fiona, 'Approve').click();
  const dialog = fiona.getByRole('dialog');
  await dialogButton(fiona, 'Approve').click();
  await dialog.getByText('Fill in what is marked as required').waitFor();
  await dialog.getByLabel('Credit limit (USD)').fill('20000');
  await dialog.getByLabel('Conditions').fill('Paid within 14 days');
  await dialogButton(fiona, 'Approve').click();
  await told(fiona, 'Approved');

  await approveByKeys(await enter('director'), base, title, 'Paid within 14 days');
  await approveByKeys(await enter('kam'), base, title, 'Account: owner, planning and claim level');
  await approveByKeys(fiona, base, title, 'Terms and funds');
  await adam.reload();
  await adam.getByText('Active', { exact: true }).waitFor();
  await adam.getByText('20,000.00').waitFor();
  await adam.getByText('Paid within 14 days').waitFor();
}

const percent = (part: number) => `${(part * 100).toFixed(1)}%`;

/** What the screen of process metrics says is what the API says, and names the bottleneck and the loop. */
export async function readMetrics({ base, enter, calling }: PeopledHouse): Promise<void> {
  const admin = await calling('admin');
  const asked = 'process=customer-onboarding';
  const metrics = await admin(200, 'GET', `/workflows/metrics/steps?${asked}`);
  const paths = await admin(200, 'GET', `/workflows/metrics/paths?${asked}`);
  assert.deepEqual([metrics.ended, paths.returns[0]?.instances], [2, 1]);
  const page = await enter('admin');
  await page.goto(`${base}/workflow?tab=metrics`);
  await page.getByRole('combobox', { name: 'Process' }).click();
  await page.getByRole('option', { name: 'Customer onboarding', exact: true }).click();
  await page.getByRole('table', { name: 'Ways taken' }).waitFor();
  await settle(page);
  const kpi = async (label: string) =>
    (await page.locator('.kpi', { has: page.getByText(label, { exact: true }) }).textContent()) ?? '';
  assert.match(await kpi('Ended'), /^Ended2approved 1 · returned 1$/);

  const cycles: [string, number][] = metrics.steps.map((one: { step: string; cycleMs: { total: number } }) => [
    one.step,
    one.cycleMs.total,
  ]);
  const all = cycles.reduce((sum, [, total]) => sum + total, 0);
  const [[heaviest, longest] = ['', 0]] = cycles.toSorted((a, b) => b[1] - a[1]);
  const names: Record<string, string> = {
    ...{ credit: 'Credit check', conditional: 'Approval on conditions' },
    ...{ account: 'Account: owner, planning and claim level', terms: 'Terms and funds' },
  };
  assert.ok((await kpi('Bottleneck')).startsWith(`Bottleneck${names[heaviest]}${percent(longest / all)} of the time`));
  assert.match(await kpi('Done again most'), /^Done again mostCredit checkreturned, then begun anew: 1$/);
  for (const { step, decided } of metrics.steps) {
    const row = page
      .locator('.panel table')
      .first()
      .locator('tbody tr', { hasText: names[step] ?? step });
    assert.equal(await row.locator('td').nth(1).textContent(), String(decided), step);
  }
  const ways = page.getByRole('table', { name: 'Ways taken' }).locator('tbody tr');
  const counted = await ways.locator('td:nth-child(2)').allTextContents();
  assert.deepEqual(
    counted.map(Number),
    paths.variants.map(({ instances }: { instances: number }) => instances),
  );
  const load = page.getByRole('table', { name: 'Who carries the load' }).locator('tbody tr', { hasText: 'Fiona' });
  assert.equal(await load.locator('td').nth(1).textContent(), '3');
}
