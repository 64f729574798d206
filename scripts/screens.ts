import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, signInAs } from '../test/browser.ts';
import { startDemo } from '../test/demo-server.ts';

const usage = `Writes a picture of every screen into screens/.
  npm run screens [-- <base URL>] [-- --out <folder>]
Without a base URL it takes http://localhost:3000 where that answers, else it starts a demo of its own.`;

const root = fileURLToPath(new URL('..', import.meta.url));
const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

interface Shot {
  name: string;
  path: string;
  /** What to do before the picture is taken. */
  prepare?(page: Page): Promise<void>;
}

/** Screens by who looks at them. `:draft`, `:ended` and the like stand for a promotion in that state. */
const shots: Record<string, readonly Shot[]> = {
  kam: [
    { name: 'trade-calendar', path: '/calendar' },
    {
      name: 'trade-calendar-move',
      path: '/calendar',
      prepare: async (page) => page.locator('.cal-bar[data-state="draft"]').first().click(),
    },
    { name: 'promotions', path: '/promotions' },
    { name: 'promotion-workspace', path: '/promotions/:draft' },
    {
      name: 'promotion-figure',
      path: '/promotions/:draft',
      prepare: async (page) => page.getByRole('button', { name: 'Net profit: explain' }).first().click(),
    },
    { name: 'promotion-history', path: '/promotions/:approved?tab=versions' },
    { name: 'promotion-amendments', path: '/promotions/:approved?tab=amendments' },
    { name: 'sell-sheet', path: '/promotions/:approved/sell-sheet' },
    {
      name: 'promotions-in-bulk',
      path: '/promotions',
      prepare: async (page) => {
        for (const place of [0, 1]) await page.locator('tbody input[type=checkbox]').nth(place).click();
      },
    },
    { name: 'post-event', path: '/promotions/:ended' },
    { name: 'new-promotion', path: '/promotions/new' },
    { name: 'search', path: '/promotions', prepare: async (page) => page.keyboard.press('Control+k') },
    { name: 'account-plan', path: '/account-plans' },
    {
      name: 'account-plan-figure',
      path: '/account-plans',
      prepare: async (page) => page.getByRole('button', { name: 'Contribution, gap: explain' }).first().click(),
    },
    { name: 'scenarios', path: '/scenarios' },
    {
      name: 'scenario-promotion',
      path: '/scenarios',
      prepare: async (page) => page.locator('.pane-list').getByRole('button', { name: 'New promotion' }).click(),
    },
    { name: 'models', path: '/models' },
    { name: 'terms', path: '/terms' },
    { name: 'terms-tiers', path: '/terms?tab=attainment' },
    { name: 'terms-waterfall', path: '/terms?tab=waterfall' },
    {
      name: 'post-event-analysis',
      path: '/results?by=brand',
      prepare: async (page) => page.locator('tbody tr[data-link] button.quiet').first().click(),
    },
    { name: 'imports', path: '/imports' },
    {
      name: 'imports-paste',
      path: '/imports',
      prepare: async (page) => page.getByRole('button', { name: 'Paste from a spreadsheet' }).click(),
    },
  ],
  director: [{ name: 'approvals', path: '/work' }],
  finance: [
    { name: 'funds', path: '/funds' },
    { name: 'funds-accounts', path: '/funds?by=customer' },
    {
      name: 'fund-open',
      path: '/funds',
      prepare: async (page) => page.getByRole('button', { name: 'Open a fund' }).click(),
    },
    { name: 'exchange-rates', path: '/master-data?part=rates' },
    { name: 'deduction-desk', path: '/deductions?sort=-confidence' },
    { name: 'claims', path: '/claims?sort=-confidence' },
    { name: 'accruals', path: '/accruals' },
    { name: 'journals', path: '/accruals?view=journals' },
    { name: 'close-checklist', path: '/accruals?view=close' },
    { name: 'close-report', path: '/accruals?view=report' },
    { name: 'live', path: '/live' },
    { name: 'invariants', path: '/invariants' },
    { name: 'compliance', path: '/compliance' },
    { name: 'audit', path: '/audit' },
    { name: 'audit-seal', path: '/audit?view=seal' },
  ],
  admin: [
    { name: 'people', path: '/people' },
    { name: 'my-account', path: '/my-account' },
    { name: 'sign-in-settings', path: '/sign-in-settings' },
    { name: 'permission-matrix', path: '/people?tab=matrix' },
    { name: 'access-review', path: '/people?tab=review' },
    { name: 'duties', path: '/duties' },
    { name: 'workflow-processes', path: '/workflow' },
    { name: 'workflow-drawing', path: '/workflow/draw?shipped=customer-onboarding' },
    { name: 'workflow-decisions', path: '/workflow?tab=decisions' },
    { name: 'workflow-metrics', path: '/workflow?tab=metrics&process=promotion-approval' },
    { name: 'workflow-settings', path: '/workflow?tab=settings' },
    { name: 'workflow-instances', path: '/workflow?tab=instances&state=all' },
    {
      name: 'workflow-instance',
      path: '/workflow?tab=instances&state=all',
      prepare: async (page) => page.locator('tbody tr[data-link]').first().click(),
    },
    { name: 'detection-rules', path: '/security-alerts?tab=rules' },
    { name: 'privacy-requests', path: '/privacy' },
    { name: 'record-of-processing', path: '/privacy?tab=processing' },
    { name: 'master-data', path: '/master-data?part=products&search=chewy' },
  ],
};

async function answers(base: string): Promise<boolean> {
  const response = await fetch(`${base}/health/live`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
  return response?.ok ?? false;
}

/** A call of the API with the page's own sign-in. */
async function call(page: Page, method: 'GET' | 'POST', path: string): Promise<{ items?: { id: string }[] }> {
  return page.evaluate(
    async ({ method, path }) => {
      const renewed = await fetch('/api/v1/auth/refresh', { method: 'POST' });
      const { accessToken } = (await renewed.json()) as { accessToken: string };
      const response = await fetch(`/api/v1${path}`, { method, headers: { authorization: `Bearer ${accessToken}` } });
      return (await response.json()) as { items?: { id: string }[] };
    },
    { method, path },
  );
}

async function withPromotion(page: Page, path: string): Promise<string | null> {
  const state = /:(\w+)/.exec(path)?.[1];
  if (!state) return path;
  const { items } = await call(page, 'GET', `/promotions?state=${state}&limit=1`);
  const id = items?.[0]?.id;
  return id ? path.replace(`:${state}`, id) : null;
}

/** Waits until nothing loads: no busy part is left and the network rests. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.waitForFunction(`document.querySelector('[aria-busy="true"]') === null`).catch(() => undefined);
  await page.waitForTimeout(600);
}

async function take(page: Page, base: string, shot: Shot, out: string): Promise<void> {
  const path = await withPromotion(page, shot.path);
  if (!path) {
    process.stdout.write(`  ${shot.name}: skipped, there is no promotion for ${shot.path}\n`);
    return;
  }
  await page.goto(base + path);
  await settle(page);
  if (shot.prepare) {
    await shot.prepare(page);
    await settle(page);
  }
  await page.screenshot({ path: join(out, `${shot.name}.png`) });
  process.stdout.write(`  ${shot.name}.png\n`);
}

async function takeAll(browser: Browser, base: string, out: string): Promise<void> {
  const stranger = await browser.newPage({ viewport: desktop, locale: 'en-US' });
  await take(stranger, base, { name: 'sign-in', path: '/sign-in' }, out);
  const kam = await signInAs(browser, base, 'kam', desktop);
  const director = await signInAs(browser, base, 'director', desktop);
  const waiting = await call(director, 'GET', '/tasks?mine=true');
  const draft = (await call(kam, 'GET', '/promotions?state=draft&limit=1')).items?.[0];
  if (!waiting.items?.length && draft) await call(kam, 'POST', `/promotions/${draft.id}/submit`);
  for (const [who, list] of Object.entries(shots)) {
    const page = who === 'kam' ? kam : who === 'director' ? director : await signInAs(browser, base, who, desktop);
    for (const shot of list) await take(page, base, shot, out);
  }
  const pocket = await signInAs(browser, base, 'director', phone);
  const open = async (page: Page) => page.locator('.item').first().click();
  await take(pocket, base, { name: 'approvals-phone-list', path: '/work' }, out);
  await take(pocket, base, { name: 'approvals-phone', path: '/work', prepare: open }, out);
}

async function main(): Promise<number> {
  const words = process.argv.slice(2);
  if (words.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const outAt = words.indexOf('--out');
  const out = outAt >= 0 ? (words[outAt + 1] ?? 'screens') : join(root, 'screens');
  const given = words.find((word) => /^https?:\/\//.test(word));
  const found = await openBrowser();
  if (!found.browser) {
    process.stdout.write(`No pictures: no browser can start here (${found.reason}).\n`);
    return 0;
  }
  const usual = 'http://localhost:3000';
  const demo = given || (await answers(usual)) ? null : await startDemo();
  const base = (given ?? demo?.base ?? usual).replace(/\/$/, '');
  try {
    await mkdir(out, { recursive: true });
    process.stdout.write(`Pictures of ${base} into ${out}:\n`);
    await takeAll(found.browser, base, out);
    return 0;
  } finally {
    await found.browser.close();
    await demo?.stop();
  }
}

process.exitCode = await main();
