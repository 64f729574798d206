import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import pg from 'pg';
import type { Locator, Page } from 'playwright-core';
import { createDemoPeople, createTenant } from '#security';
import { buildWeb } from '../../src/apps/web-assets.ts';
import { newPage, openBrowser } from '../browser.ts';
import { callOver, signIn } from '../faults/served.ts';
import { expecting, runHouse } from './running-house.ts';

const password = 'correct horse battery';

/** The product with people and nothing else, started with `settings` of the environment, and a browser; undefined where no browser starts. */
export async function peopledHouse(t: TestContext, settings: Record<string, string> = {}) {
  const found = await openBrowser();
  if (!found.browser) {
    t.skip(found.reason);
    return undefined;
  }
  const { browser } = found;
  t.after(() => browser.close());
  await buildWeb();
  const { house, clock, url, ownerUrl } = await runHouse(t, undefined, settings);
  const { tenantId } = await createTenant(house.store.db, clock, { slug: 'demo', publicUrl: url });
  const people = await createDemoPeople(house.store.db, clock, tenantId, password);
  const base = url.replace('127.0.0.1', 'localhost');
  /** Signs somebody in, on the way to a place. */
  const enter = async (login: string, viewport = { width: 1440, height: 900 }, path = '/sign-in'): Promise<Page> => {
    const page = await newPage(browser, { viewport, locale: 'en-US' });
    page.on('pageerror', (error) => assert.fail(String(error)));
    await page.goto(`${base}${path}`);
    await page.locator('input[name=email]').fill(`${login}@demo.tradeai.example`);
    await page.locator('input[name=password]').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.locator('.screen').first().waitFor();
    return page;
  };
  const idOf = (login: string) => people.find((person) => person.login === login)?.id ?? '';
  /** Makes somebody an administrator, behind the product. */
  const promote = async (login: string) => {
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query(`update identity.membership set roles = '{administrator}' where person_id = $1`, [idOf(login)]);
    await owner.end();
  };
  /** Calls of the API as somebody, which must be answered with a status. */
  const calling = async (login: string) =>
    expecting(callOver(url, await signIn(url, `${login}@demo.tradeai.example`, password)));
  return { base, clock, enter, idOf, promote, calling };
}

/** A button of the dialog that is open. */
export const dialogButton = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true });

/** An entry of the list of tasks. */
export const entry = (page: Page, title: string): Locator => page.locator('.item', { hasText: title });

/** What {@link peopledHouse} gives. */
export type PeopledHouse = NonNullable<Awaited<ReturnType<typeof peopledHouse>>>;
