import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { settle } from '../../browser.ts';
import { exportSheet, type OnStage, textOfSheet } from './stage.ts';

interface Exported {
  who: string;
  path: string;
  /** The file's name without its ending; a dash at its end: it begins so. */
  name: string;
  /** Something that stands on the screen and must stand in the file. */
  shown(page: Page): Promise<string | null>;
}

const text = (selector: string) => (page: Page) => page.locator(selector).first().textContent();
const cell = (page: Page) => page.locator('table.grid tbody tr td:not(:has(input))').first().textContent();
const code = /[A-Z]+-?\d{3,}/;
/** The code within what an element says. */
const codeIn = (selector: string) => async (page: Page) => code.exec((await text(selector)(page)) ?? '')?.[0] ?? null;
const words = (said: string) => async () => said;

/** Every screen that lists something, with its export. */
const screens: readonly Exported[] = [
  { who: 'director', path: '/work', name: 'tasks', shown: codeIn('.item .title') },
  { who: 'kam', path: '/calendar', name: 'trade-calendar', shown: text('.cal-bar .cut') },
  { who: 'kam', path: '/promotions', name: 'promotions', shown: codeIn('tbody tr[data-link]') },
  { who: 'kam', path: '/account-plans', name: 'account-plan-', shown: words('Gross sales at list') },
  { who: 'kam', path: '/scenarios', name: 'scenarios-', shown: text('.item .title') },
  { who: 'finance', path: '/funds', name: 'funds', shown: text('.item .title') },
  { who: 'finance', path: '/funds?by=customer', name: 'checkbook-by-customer', shown: text('tbody tr td b') },
  { who: 'finance', path: '/terms', name: 'terms', shown: text('.item .title') },
  { who: 'finance', path: '/deductions', name: 'deductions', shown: codeIn('.item .title') },
  { who: 'finance', path: '/claims', name: 'claims', shown: codeIn('.item .title') },
  { who: 'finance', path: '/accruals?view=proposal', name: 'proposed-accruals', shown: cell },
  { who: 'finance', path: '/accruals?view=journals', name: 'journals', shown: words('opening') },
  { who: 'finance', path: '/accruals?view=close', name: 'close-checklist', shown: text('.notice strong') },
  { who: 'finance', path: '/accruals?view=report', name: 'close-report', shown: cell },
  { who: 'finance', path: '/accruals?view=mapping', name: 'gl-accounts', shown: words('accrue') },
  { who: 'finance', path: '/results?by=brand', name: 'results-by-brand', shown: text('tbody tr[data-link] button') },
  { who: 'finance', path: '/live', name: 'live', shown: codeIn('.feed li a') },
  { who: 'finance', path: '/master-data?part=customers', name: 'customers', shown: text('.tree .num') },
  { who: 'finance', path: '/master-data?part=products', name: 'products', shown: text('.tree .num') },
  { who: 'finance', path: '/master-data?part=calendars', name: 'calendar ', shown: words('fiscal_year') },
  { who: 'finance', path: '/master-data?part=rates', name: 'exchange-rates', shown: text('tbody td:nth-child(5)') },
  { who: 'finance', path: '/imports', name: 'imports', shown: text('.item .title') },
  { who: 'finance', path: '/models', name: 'models', shown: words('WAPE') },
  { who: 'finance', path: '/audit', name: 'audit', shown: text('tbody tr td:nth-child(2)') },
  { who: 'admin', path: '/people', name: 'people', shown: text('tbody tr td b') },
];

/** What is on a screen is exported as a spreadsheet, on every screen that lists something. */
export function exportsJourney(stage: OnStage): void {
  test('every screen that lists something hands it over as a spreadsheet', async () => {
    for (const { who, path, name, shown } of screens) {
      const page = await stage().at(who, path);
      await settle(page);
      // Before: what comes in afterwards is on the screen alone.
      const sight = (await shown(page))?.trim();
      assert.ok(sight, `${path}: nothing is on the screen`);
      const file = await exportSheet(page).catch((error: unknown) => {
        throw new Error(`${path} hands nothing over`, { cause: error });
      });
      const said = file.suggestedFilename();
      assert.ok(said.startsWith(name) && said.endsWith('.xlsx'), `${path}: ${said}`);
      const sheet = (await textOfSheet(file)).replaceAll('&amp;', '&').replaceAll('&apos;', '\u2019');
      assert.ok(sheet.includes(sight), `${path}: “${sight}” stands on the screen and not in ${said}`);
    }
    assert.deepEqual(stage().takeErrors(), []);
  });
}
