import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, told } from '../../browser.ts';
import { heading, type OnStage, plusDays, read } from './stage.ts';

/** What finance and administrators set up by hand. */
export function smallScreensJourney(stage: OnStage): void {
  test('an exchange rate is recorded with its source, and is in force from its day', async () => {
    const page = await stage().at('finance', '/master-data?part=rates');
    await page.getByLabel('One', { exact: true }).fill('SEK');
    await page.getByLabel('Rate', { exact: true }).fill('0.0957');
    await page.getByLabel('Source (optional)').fill('Riksbank');
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await told(page, 'Rate recorded');
    const row = page.locator('tbody tr', { hasText: 'Riksbank' });
    await row.getByText('in force').waitFor();
    assert.match((await row.textContent()) ?? '', /SEK.*0\.0957.*USD.*Fiona Castell/);
    assert.deepEqual(stage().takeErrors(), []);
  });

  test('a rolling fund is opened with its scope, its opening balance and the rate that fills it', async () => {
    const page = await stage().at('finance', '/funds');
    await page.getByRole('button', { name: 'Open a fund' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Kind').selectOption('rolling');
    await dialog.getByLabel('Code').fill('FUND-ROLL');
    await dialog.getByLabel('Name').fill('Rolling by hand');
    await dialog.getByLabel('Opening balance (optional)').fill('1500');
    await dialog.getByLabel('Rate of shipments (optional)').fill('0.25');
    await dialog.getByLabel('Filled by the last whole fiscal periods').fill('3');
    await dialog.getByRole('combobox', { name: 'For customer' }).fill('Cornerlight');
    await page.getByRole('option', { name: 'Cornerlight', exact: true }).click();
    await dialog.getByRole('button', { name: 'Open', exact: true }).click();
    await told(page, 'Opened');
    await heading(page).filter({ hasText: 'Rolling by hand' }).waitFor();
    const said = (await page.locator('.pane-detail').textContent()) ?? '';
    assert.match(said, /Rolling · USD/);
    assert.match(said, /Cornerlight/);
    await page.locator('tbody tr', { hasText: '1,500.00' }).first().waitFor();
    assert.deepEqual(stage().takeErrors(), []);
  });

  test('an administrator sets what finance may write off, and how far amendments go without approval', async () => {
    const page = await stage().at('admin', '/deductions');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Change the write-off limit of Fiona Castell' }).click();
    await page.getByLabel(/^Fiona Castell may write off/).fill('250');
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await told(page, 'Fiona Castell: limit set');
    await page.getByRole('dialog').getByText('250.00\u00a0USD').waitFor();

    const { items } = await read<{ items: { id: string }[] }>(page, '/promotions?state=ended&limit=1');
    await stage().at('admin', `/promotions/${items[0]?.id}?tab=amendments`);
    await page.getByRole('button', { name: 'Change the tolerance' }).click();
    await page.getByLabel('Dates, moved by at most').fill('4');
    await page.getByRole('dialog').getByRole('button', { name: 'Set', exact: true }).click();
    await told(page, 'Tolerance set');
    await page.getByText(/dates by 4 days/).waitFor();
    assert.deepEqual(stage().takeErrors(), []);
  });

  test('a customer that was moved still stands where it stood, as of the moment before', async () => {
    const page = await stage().at('admin', '/master-data?search=CNR-ME-03');
    await page.locator('.tree button', { hasText: 'CNR-ME-03' }).click();
    await heading(page).filter({ hasText: 'Cornerlight Uptown' }).waitFor();
    const before = new Date().toISOString();
    const parent = page.getByRole('combobox', { name: 'Stands below' });
    await parent.fill('Ironwood Club (');
    await page.getByRole('option', { name: /^Ironwood Club \(/ }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await told(page, 'Saved');
    const { items } = await read<{ items: { id: string; code: string }[] }>(page, '/customers?search=CNR-ME-03');
    await stage().at('admin', `/master-data?search=CNR-ME-03&row=${items[0]?.id}&asOf=${before}`);
    const note = page.getByRole('note');
    await note
      .filter({ hasText: 'it stood below Cornerlight › Cornerlight Metro; now it stands below Ironwood Club.' })
      .waitFor();
    assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0, 'the past is not changed');
    await stage().at('admin', '/master-data?asOf=2020-01-01T00:00:00.000Z');
    await page.getByText('No customers were known then').waitFor();
    assert.deepEqual(stage().takeErrors(), []);
  });

  test('a promotion is planned inside a scenario, and exists nowhere else', async () => {
    const page = await stage().at('kam', '/scenarios');
    await page.locator('.pane-list').getByRole('button', { name: 'New promotion' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').first().fill('Only in the scenario');
    const start = await dialog.getByLabel('In store from').inputValue();
    await dialog.getByLabel('In store until').fill(plusDays(start, 13));
    await choose(page, 'Products', 'Chewy', 1, dialog);
    await page.keyboard.press('Escape');
    await choose(page, 'Fund', 'National', /National/, dialog);
    await dialog.getByRole('textbox', { name: 'Rate' }).fill('0.3');
    await dialog.getByRole('button', { name: 'Net profit: explain' }).first().waitFor();
    await dialog.getByRole('button', { name: 'Add to the scenario' }).click();
    await page
      .locator('.pane-list')
      .getByText(/^Add Only in the scenario from/)
      .waitFor();
    await page.locator('.pane-list .item', { hasText: '3 changes' }).waitFor();
    const { items } = await read<{ items: unknown[] }>(page, '/promotions?search=Only%20in%20the%20scenario');
    assert.deepEqual(items, []);
    assert.deepEqual(stage().takeErrors(), []);
  });
}
