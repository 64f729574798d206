import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { choose, openBrowser, settle, sheetText, signInAs, takeFile, told } from '../browser.ts';
import { startDemo } from '../demo-server.ts';
import { closedNumbers } from './closed-numbers.ts';
import { checkFiguresOfDemo } from './figures-of-demo.ts';

const found = await openBrowser();
const skip = found.browser ? false : `no browser can start here: ${found.reason}`;

describe('the main job in a browser', { skip }, () => {
  let browser: Browser;
  let demo: Awaited<ReturnType<typeof startDemo>>;
  let promotionUrl: string;
  const name = 'Journey price cut';

  before(async () => {
    browser = found.browser!;
    demo = await startDemo();
  });

  after(async () => {
    await demo?.stop();
    await browser?.close();
  });

  /** Opens a page that fails the test on any error in it. */
  async function enter(who: string): Promise<{ page: Page; errors: string[] }> {
    const page = await signInAs(browser, demo.base, who);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    return { page, errors };
  }

  const netProfit = (page: Page) => page.getByRole('button', { name: 'Net profit: explain' }).first().textContent();

  test('a key account manager plans a promotion and its profit moves while typing', async () => {
    const { page, errors } = await enter('kam');
    await page.keyboard.press('c');
    await page.waitForURL('**/promotions/new');
    await page.getByLabel('Name').first().fill(name);
    await choose(page, 'Customer', 'Downtown', 0);
    await page.getByLabel('In store from').fill('2027-03-15');
    await page.getByLabel('In store until').fill('2027-03-28');
    await choose(page, 'Products', 'Chewy', 1);
    await page.keyboard.press('Escape');
    await choose(page, 'Fund', 'National', /National/);
    await page.getByRole('textbox', { name: 'Rate' }).fill('0.3');
    await page.getByRole('button', { name: 'Net profit: explain' }).first().waitFor();
    const before = (await netProfit(page)) ?? '';
    await page.getByRole('textbox', { name: 'Rate' }).fill('0.9');
    await page.getByRole('button', { name: 'Net profit: explain' }).first().filter({ hasNotText: before }).waitFor();
    assert.notEqual(await netProfit(page), before);
    await page.getByRole('button', { name: 'Net profit: explain' }).first().click();
    assert.match(await sheetText(page), /dip − cannibalisation[\s\S]*Formula version/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.waitForURL(/promotions\/[\da-f-]{36}/);
    promotionUrl = page.url();
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  test('a submission reaches the approver without a reload, and both decisions carry it to approved', async () => {
    const director = await enter('director');
    const kam = await enter('kam');
    await kam.page.goto(promotionUrl);
    await kam.page.getByRole('button', { name: 'Submit' }).click();
    await kam.page.getByRole('dialog').getByRole('button', { name: 'Submit' }).click();
    await kam.page.locator('.state[data-state="submitted"]').first().waitFor();
    // The maker sees no way to approve.
    await kam.page.goto(`${demo.base}/work`);
    await kam.page.getByText('Nothing waits for you').waitFor();
    await director.page.locator('.item', { hasText: name }).click();
    await director.page.getByRole('button', { name: 'Net profit: explain' }).first().waitFor();
    await director.page.keyboard.press('a');
    await director.page.getByRole('dialog').getByRole('textbox').fill('Go ahead');
    await director.page.keyboard.press('Control+Enter');
    await told(director.page, 'Approved');
    await kam.page.goto(promotionUrl);
    await kam.page.locator('.screen-sub .state').first().waitFor();
    if ((await kam.page.locator('.state[data-state="approved"]').count()) === 0) {
      // A loss, or money above the director's limit: finance decides too.
      const finance = await enter('finance');
      await finance.page.locator('.item', { hasText: name }).click();
      await finance.page.getByRole('button', { name: 'Approve' }).click();
      await finance.page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
      assert.deepEqual(finance.errors, []);
    }
    await kam.page.locator('.screen-sub .state[data-state="approved"]').waitFor();
    assert.deepEqual([...director.errors, ...kam.errors], []);
    await kam.page.context().close();
    await director.page.context().close();
  });

  test('the live screen shows an event of somebody else while it is open', async () => {
    const watcher = await enter('finance');
    await watcher.page.goto(`${demo.base}/live`);
    await watcher.page.locator('.feed li').first().waitFor();
    const kam = await enter('kam');
    await kam.page.goto(promotionUrl);
    await kam.page.getByRole('button', { name: 'More' }).click();
    await kam.page.getByRole('menuitem', { name: 'Copy as a draft' }).click();
    await watcher.page.locator('.feed li', { hasText: name }).filter({ hasText: 'Created' }).first().waitFor();
    assert.deepEqual([...watcher.errors, ...kam.errors], []);
    await watcher.page.context().close();
    await kam.page.context().close();
  });

  test('a draft moves on the calendar by the form, with its profit change in sight', async () => {
    const { page, errors } = await enter('kam');
    await page.goto(`${demo.base}/calendar`);
    await page.locator('.cal-bar[data-state="draft"]').first().click();
    const card = page.locator('.cal-side');
    const field = card.getByLabel('Move to');
    const from = await field.inputValue();
    const to = new Date(Date.parse(`${from}T00:00:00Z`) + 7 * 86_400_000).toISOString().slice(0, 10);
    await field.fill(to);
    await card.getByText('Profit change').waitFor();
    await card.getByRole('button', { name: 'Move', exact: true }).click();
    await told(page, 'Moved');
    assert.equal(await card.getByLabel('Move to').inputValue(), to);
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  test('an ended promotion shows what it earned beside what was predicted', async () => {
    const { page, errors } = await enter('marketing');
    await page.goto(`${demo.base}/promotions?state=ended`);
    await page.locator('tbody tr[data-link]').first().click();
    await page.getByText('Predicted beside measured').waitFor();
    await page.getByText('Net ROI').first().waitFor();
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  test('an import shows its progress and its quarantined rows', async () => {
    const { page, errors } = await enter('analyst');
    await page.goto(`${demo.base}/imports`);
    const rows =
      'customer_code,product_code,period_start,units,revenue,source\nNOBODY,NOTHING,2026-11-09,-5,1.00,test\n';
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({
        name: 'dirty.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(rows),
      });
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('Quarantine: 1 rows that did not map').waitFor();
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  test('cells pasted from a spreadsheet are matched, imported, and what does not map is mended in place', async () => {
    const { page, errors } = await enter('analyst');
    await page.goto(`${demo.base}/imports`);
    await page.getByRole('button', { name: 'Paste from a spreadsheet' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'Customers', exact: true }).click();
    const cells =
      'Name\tCode\tParent code\tType\tNotes\r\nPasted West\tPASTED-W\tHGM\taccount\tx\r\nNowhere\tPASTED-N\tNOBODY\taccount\ty\r\n';
    // As text: the tests' own types know neither a document nor a clipboard.
    await page.evaluate(`
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', ${JSON.stringify(cells)});
      document.querySelector('[placeholder="Paste here"]')
        .dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))`);
    await dialog.getByText('Pasted West').waitFor();
    await dialog.getByRole('button', { name: 'Import 2 rows' }).click();
    await page.getByText('Quarantine: 1 rows that did not map').waitFor();
    await page.getByRole('textbox', { name: 'parent_code of row 2' }).fill('HGM');
    await page.getByRole('button', { name: 'Send 1 mended rows' }).click();
    await page.getByRole('heading', { name: 'pasted customers, mended.csv' }).waitFor();
    await page.getByText(/ · finished /).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).fill('PASTED');
    await page.getByRole('option').filter({ hasText: 'Pasted West' }).waitFor();
    await page.getByRole('option').filter({ hasText: 'PASTED-N' }).click();
    await page.getByRole('heading', { name: 'Nowhere' }).waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('Somewhere');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Somewhere' }).waitFor();
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  test('measured promotions roll up, and a spreadsheet holds what is on the screen', async () => {
    const { page, errors } = await enter('marketing');
    await page.goto(`${demo.base}/results?by=brand`);
    await page.locator('tbody tr[data-link]').first().waitFor();
    const brands = await page.locator('tbody tr[data-link]').count();
    assert.ok(brands > 1);
    await page.locator('tbody tr[data-link] button.quiet').first().click();
    await page.getByText('Gross to net').waitFor();
    await page.getByText(/^Events \(\d+\)$/).waitFor();
    await page.getByRole('button', { name: 'Export' }).first().click();
    const file = await takeFile(page, page.getByRole('menuitem', { name: 'Spreadsheet (XLSX)' }));
    assert.equal(file.suggestedFilename(), 'results-by-brand.xlsx');
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  /** Screens with figures by who looks at them; `:ended` and the like stand for a promotion in that state. */
  const screens: Record<string, readonly (string | [path: string, press: string])[]> = {
    kam: [
      ...['/promotions', '/promotions/:draft', '/promotions/:approved', '/promotions/:approved?tab=amendments'],
      ...[
        '/promotions/:approved/sell-sheet',
        '/promotions/:ended',
        '/account-plans',
        '/scenarios',
        '/models',
        '/terms',
      ],
      ...['/terms?tab=attainment', '/terms?tab=waterfall', '/imports'],
      ['/calendar', '.cal-bar[data-state="draft"]'],
      ['/results?by=brand', 'tbody tr[data-link] button.quiet'],
      ['/account-plans', 'button:has-text("Targets")'],
      ['/scenarios', 'button:has-text("New promotion")'],
      ['/terms', 'button:has-text("New agreement")'],
    ],
    director: ['/work'],
    finance: [
      ...['/funds', '/funds?by=customer', '/deductions?sort=-confidence', '/claims?sort=-confidence', '/accruals'],
      ...['/accruals?view=journals', '/accruals?view=report', '/live', '/invariants', '/audit'],
      ['/funds', 'button:has-text("Open a fund")'],
      ['/funds', 'button:has-text("Transfer")'],
      ['/deductions', 'button:has-text("Settings")'],
    ],
    admin: [
      ...['/people', '/people?tab=review', '/master-data?part=products&search=chewy', '/audit?view=seal'],
      ...['/compliance', '/duties', '/security-alerts?tab=rules', '/sign-in-settings', '/privacy?tab=processing'],
    ],
  };

  async function placed(page: Page, path: string): Promise<string> {
    const state = /:(\w+)/.exec(path)?.[1];
    if (!state) return path;
    await page.goto(`${demo.base}/promotions?state=${state}`);
    const link = page.locator('tbody tr[data-link] a').first();
    return path.replace(`/promotions/:${state}`, (await link.getAttribute('href')) ?? '');
  }

  /**
   * Presses the first cell of a column until its sheet stands open: where the demo plays on, the row that was pressed
   * may leave the screen and take its sheet with it. A sheet that stays and does not explain says what it says instead.
   */
  async function sheetOfColumn(page: Page, name: string): Promise<void> {
    const sheet = page.locator('.figure-sheet');
    for (let press = 1; ; press += 1) {
      await page.locator(`.screen .figure[data-of="${name}"]`).first().click();
      try {
        await sheet.getByText('Formula version').waitFor({ timeout: 15_000 });
        return;
      } catch (error) {
        const says = (await sheet.count()) === 0 ? 'no sheet' : `“${await sheet.first().textContent()}”`;
        if (says !== 'no sheet' || press === 3)
          throw new Error(`${name} on ${page.url()}, pressed ${press} times: ${says}`, { cause: error });
      }
    }
  }

  /** Opens one cell of each column that was not opened before: its sheet says formula and version. */
  async function openEachColumn(page: Page, opened: Set<string>): Promise<void> {
    const shown = await page
      .locator('.screen .figure[data-of]')
      .evaluateAll((all) => all.map((one) => (one as unknown as { dataset: { of: string } }).dataset.of));
    for (const name of new Set(shown)) {
      if (opened.has(name)) continue;
      opened.add(name);
      await sheetOfColumn(page, name);
      await page.keyboard.press('Escape');
      await page.locator('.figure-sheet').waitFor({ state: 'detached' });
    }
  }

  test('every number of money, units or ratios on a screen opens, and its sheet tells formula and version', async () => {
    const opened = new Set<string>();
    const closed: string[] = [];
    let opening = 0;
    const walk = async ([who, list]: [string, (typeof screens)[string]]) => {
      const { page, errors } = await enter(who);
      for (const one of list) {
        const [path, press] = typeof one === 'string' ? [one, null] : one;
        await page.goto(demo.base + (await placed(page, path)));
        await settle(page);
        if (press) await page.locator(press).first().click();
        if (press) await settle(page);
        const numbers = await closedNumbers(page);
        opening += numbers.opening;
        closed.push(...numbers.found.map((number) => `${who} ${path}: ${number}`));
        await openEachColumn(page, opened);
      }
      assert.deepEqual(errors, []);
      await page.context().close();
    };
    await Promise.all(Object.entries(screens).map(walk));
    assert.deepEqual(closed, []);
    assert.ok(opening > 1_000 && opened.size > 50, `${opening} numbers open, of ${opened.size} columns`);
  });

  test('every figure leads to its rows and to the figures it is made of, and a sum is the sum of its rows', async () => {
    const { figures, withRows, sums } = await checkFiguresOfDemo(demo.base);
    assert.ok(figures > 200 && withRows > 100 && sums > 50, JSON.stringify({ figures, withRows, sums }));
  });

  test('an administrator keeps somebody to one retailer, and the review tells since when', async () => {
    const { page, errors } = await enter('admin');
    await page.goto(`${demo.base}/people`);
    await page.getByRole('button', { name: 'Anders Lyle', exact: true }).click();
    await choose(page, 'Kept to customers, with all below', 'Hollygate', 0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Anders Lyle.*Hollygate/ }).waitFor();
    await page.goto(`${demo.base}/people?tab=review`);
    await page.getByRole('button', { name: 'Anders Lyle', exact: true }).click();
    await page.locator('.beside-pane').getByText('everything').waitFor();
    assert.match((await page.locator('.beside-pane').textContent()) ?? '', /Hollygate.*everything/s);
    assert.deepEqual(errors, []);

    const { page: kept } = await enter('analyst');
    await kept.goto(`${demo.base}/master-data`);
    await kept.getByText('Hollygate Markets', { exact: true }).first().waitFor();
    assert.equal(await kept.getByText('Omnimart Stores').count(), 0);
  });

  test('several tasks are approved at once, after their money is shown, and leave the list', async () => {
    const { page, errors } = await enter('director');
    await page.goto(`${demo.base}/work`);
    const boxes = page.locator('.pane-list').getByRole('checkbox');
    await boxes.nth(1).waitFor();
    const labels = await Promise.all(
      [0, 1].map(async (place) => (await boxes.nth(place).getAttribute('aria-label')) ?? ''),
    );
    const box = (label: string) => page.locator('.pane-list').getByRole('checkbox', { name: label, exact: true });
    for (const label of labels) await box(label).click();
    await page.getByRole('toolbar', { name: 'Picked tasks' }).getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog');
    assert.match((await dialog.textContent()) ?? '', /[\d,.]+ USD/);
    await dialog.getByRole('button', { name: 'Approve 2' }).click();
    await dialog.getByRole('status').filter({ hasText: '2 of 2 decided' }).waitFor();
    await dialog.getByText('Close', { exact: true }).click();
    for (const label of labels) await box(label).waitFor({ state: 'detached' });
    assert.deepEqual(errors, []);
    await page.context().close();
  });

  test('a wrong password is refused with a sentence, and nobody sees a screen without a sign-in', async () => {
    const page = await browser.newPage({ locale: 'en-US' });
    await page.goto(`${demo.base}/funds`);
    await page.waitForURL('**/sign-in**');
    await page.locator('input[name=email]').fill('kam@demo.tradeai.example');
    await page.locator('input[name=password]').fill('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /password/i);
    assert.match(page.url(), /sign-in/);
    await page.close();
  });
});
