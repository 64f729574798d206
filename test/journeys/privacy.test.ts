import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createDemoPeople, createTenant } from '#security';
import { buildWeb } from '../../src/apps/web-assets.ts';
import { openBrowser, signInAs, takeFile, told } from '../browser.ts';
import { runHouse } from './running-house.ts';

const found = await openBrowser();
const skip = found.browser ? false : `no browser can start here: ${found.reason}`;

describe('privacy in a browser', { skip }, () => {
  let browser: Browser;
  let page: Page;
  let base: string;
  const endings: (() => unknown)[] = [];
  const errors: string[] = [];

  before(async () => {
    browser = found.browser!;
    await buildWeb();
    const { house, clock, url } = await runHouse({ after: (ending) => void endings.push(ending as () => unknown) });
    const { db } = house.store;
    const { tenantId } = await createTenant(db, clock, { slug: 'demo', publicUrl: url });
    await createDemoPeople(db, clock, tenantId, process.env.TRADEAI_DEMO_PASSWORD ?? 'tradeai-demo');
    base = url;
    page = await signInAs(browser, base, 'admin');
    page.on('pageerror', (error) => errors.push(String(error)));
  });

  after(async () => {
    for (const ending of endings.reverse()) await ending();
    await browser?.close();
  });

  const dialog = () => page.getByRole('dialog');
  const say = async (button: string, label: string, note: string, confirm: string) => {
    await page.getByRole('button', { name: button }).click();
    await dialog().getByLabel(label).fill(note);
    await dialog().getByRole('button', { name: confirm }).click();
    await dialog().waitFor({ state: 'detached' });
  };
  const newRequest = async (kind: string, person: string) => {
    await page.goto(`${base}/privacy`);
    await page.getByRole('button', { name: 'New request' }).click();
    await dialog().getByRole('combobox', { name: 'Asks for' }).click();
    await page.getByRole('option', { name: kind }).click();
    await dialog().getByRole('combobox', { name: 'Person' }).click();
    await page.getByRole('option', { name: person }).click();
    await dialog().getByLabel('Who asked, and how to reach them').fill(`${person}, by post`);
    await dialog().getByRole('button', { name: 'Take down' }).click();
    await page.getByRole('heading', { name: `${kind}: ${person}` }).waitFor();
  };

  test('an erasure: taken down, checked who asked, looked at table by table, done, and the name is gone', async () => {
    await newRequest('Erasure', 'Leon Gale');
    assert.ok(await page.getByRole('button', { name: 'Erase…' }).isDisabled(), 'first who asked');
    await say('Check who asked', 'How you made sure', 'Passport shown at the desk', 'Checked');
    await page.getByRole('button', { name: 'Erase…' }).click();
    await dialog().getByText('identity.password').waitFor();
    await dialog().getByLabel('Decision, for the file').fill('Left the company, nothing open');
    assert.ok(await dialog().getByRole('button', { name: 'Erase for good' }).isDisabled(), 'not before a look');
    await dialog().getByLabel('I have looked at what goes and what stays').check();
    await dialog().getByRole('button', { name: 'Erase for good' }).click();
    await page.getByRole('heading', { name: 'What the erasure did' }).waitFor();
    await page.getByRole('heading', { name: /^Erasure: Erased person / }).waitFor();
    await page.goto(`${base}/people`);
    await page.getByText('Fiona Castell').waitFor();
    await page
      .getByText(/^Erased person /)
      .first()
      .waitFor();
    assert.equal(await page.getByText('Leon Gale').count(), 0);
    await page.goto(`${base}/privacy?state=done`);
    await page.getByText('Left the company, nothing open').waitFor();
  });

  test('access gives a file once it was checked who asked, and a breach shows what is left of its 72 hours', async () => {
    await newRequest('Access', 'Kira Almond');
    await say('Check who asked', 'How you made sure', 'Known', 'Checked');
    const file = await takeFile(page, page.getByRole('button', { name: 'Download the data' }));
    assert.match(file.suggestedFilename(), /^personal-data-.*\.zip$/);
    await page.goto(`${base}/privacy?tab=breaches`);
    await page.getByRole('button', { name: 'Report a breach' }).click();
    await dialog().getByLabel('What it is called').fill('Lost laptop');
    await dialog().getByLabel('What happened').fill('Left on a train');
    await dialog().getByRole('button', { name: 'Start the clock' }).click();
    await page.getByText(/7[12] h left/).waitFor();
    await say('The authority was told', 'How, and what was said', 'By their form', 'Told');
    await page
      .getByText(/^told /)
      .first()
      .waitFor();
    await told(page, 'Done');
    await page.goto(`${base}/privacy?tab=processing`);
    await page.getByText('identity.person').first().waitFor();
    assert.deepEqual(errors, []);
  });
});
