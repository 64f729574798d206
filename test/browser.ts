import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Browser, chromium, type Download, type Locator, type Page, type Request } from 'playwright-core';

const run = promisify(execFile);

/** Machines that run the tests may be slow and busy with others: only what never comes takes so long. */
const patienceMs = 60_000;

const flags = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
];

/** A browser ready to use, or the reason why there is none. */
export type Found = { browser: Browser; reason?: undefined } | { browser?: undefined; reason: string };

async function bundledChromium(): Promise<string | null> {
  try {
    const { default: bundled } = await import('@sparticuz/chromium');
    return await bundled.executablePath();
  } catch {
    return null;
  }
}

async function systemChromium(): Promise<string | null> {
  const usual = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
  ];
  const there = usual.find((path) => existsSync(path));
  if (there) return there;
  const found = await run('which', ['chromium']).catch(() => null);
  return found?.stdout.trim() || null;
}

/** What is kept of a page from outside: no script may be written into it. */
interface Watched {
  /** Messages in the corner: they go after seconds, and one from before may still stand there. */
  messages: string[];
  /** Requests that are not answered yet. */
  underWay: Set<Request>;
}

const watched = new WeakMap<Page, Watched>();
const watchedPage = (page: Page): Watched => {
  const kept = watched.get(page);
  if (!kept) throw new Error('only pages of newPage are watched');
  return kept;
};
const hear = `new MutationObserver((changes) => {
  for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
    if (node.parentElement?.matches('.toasts')) hearInTest(node.textContent);
}).observe(document, { childList: true, subtree: true })`;

/** A page of its own (the context's only one) that can be waited for: {@link told}, {@link settle}. */
export async function newPage(browser: Browser, options: Parameters<Browser['newContext']>[0]): Promise<Page> {
  const context = await browser.newContext(options);
  await context.exposeBinding('hearInTest', ({ page }, text: string) => watched.get(page)?.messages.push(text));
  await context.addInitScript(hear);
  const page = await context.newPage();
  const kept: Watched = { messages: [], underWay: new Set() };
  watched.set(page, kept);
  page.on('request', (request) => kept.underWay.add(request));
  page.on('requestfinished', (request) => kept.underWay.delete(request));
  page.on('requestfailed', (request) => kept.underWay.delete(request));
  // What the page before said is no answer to what is done on the next.
  page.on('domcontentloaded', () => kept.messages.splice(0));
  return page;
}

/** Waits for a message in the corner that nobody has waited for yet; those before it are forgotten. */
export async function told(page: Page, text: string): Promise<void> {
  const { messages } = watchedPage(page);
  const limit = AbortSignal.timeout(patienceMs);
  for (let at = -1; at < 0; ) {
    at = messages.findIndex((message) => message.includes(text));
    if (at >= 0) messages.splice(0, at + 1);
    else if (limit.aborted || page.isClosed()) throw new Error(`nobody said “${text}”, but: ${messages.join('; ')}`);
    else await sleep(50);
  }
}

/** Waits until nothing loads any more; a screen that never rests is looked at as it is. */
export async function settle(page: Page): Promise<void> {
  const { underWay } = watchedPage(page);
  await page.locator('.screen').first().waitFor();
  const busy = page.locator('.screen [aria-busy="true"]');
  for (let looked = 0, rested = 0; looked < 300 && rested < 4; looked++) {
    rested = underWay.size === 0 && (await busy.count()) === 0 ? rested + 1 : 0;
    await sleep(50);
  }
}

/** Presses what hands over a file, and takes it. What still loads moves buttons: a press that began on one would end beside it. */
export async function takeFile(page: Page, button: Locator): Promise<Download> {
  await settle(page);
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return file;
}

/** Types into a field that offers what fits, and takes one of it: the first that says `option`, or the one at that place. */
export async function choose(
  page: Page,
  label: string,
  text: string,
  option: RegExp | number,
  within: Page | Locator = page,
): Promise<void> {
  const field = within.getByRole('combobox', { name: label });
  await field.click();
  await field.fill(text);
  const options = page.getByRole('option');
  await (typeof option === 'number' ? options.nth(option) : options.filter({ hasText: option }).first()).click();
}

/** What an open sheet of a figure says, once it says it all. */
export async function sheetText(page: Page): Promise<string> {
  const sheet = page.getByRole('dialog').filter({ hasText: 'Formula version' });
  return (await sheet.textContent()) ?? '';
}

/**
 * Lets `close` fail when a page of the browser was refused something by its content security policy: a screen that does
 * so is broken, and nothing else would say so.
 */
function refuseViolations(browser: Browser): Browser {
  const violations = new Set<string>();
  browser.on('context', (context) => {
    context.setDefaultTimeout(patienceMs);
    context.on('console', (message) => {
      if (!/content security policy/i.test(message.text())) return;
      violations.add(`${new URL(message.page()?.url() ?? 'about:blank').pathname}: ${message.text()}`);
    });
  });
  const close = browser.close.bind(browser);
  browser.close = async (options) => {
    await close(options);
    if (violations.size > 0)
      throw new Error(`the content security policy was violated:\n${[...violations].join('\n')}`);
  };
  return browser;
}

/** Starts Chromium: the system's, else the one that ships inside npm; says the reason where none starts. */
export async function openBrowser(): Promise<Found> {
  const reasons: string[] = [];
  const root = process.getuid?.() === 0;
  for (const find of [systemChromium, bundledChromium]) {
    const executablePath = await find();
    if (!executablePath) continue;
    const args = [...flags, ...(root ? ['--no-sandbox', '--no-zygote'] : [])];
    try {
      return { browser: refuseViolations(await chromium.launch({ executablePath, args, timeout: patienceMs })) };
    } catch (error) {
      reasons.push(`${executablePath}: ${String(error).split('\n').slice(0, 3).join(' ')}`);
    }
  }
  return {
    reason:
      reasons.length > 0 ? reasons.join('; ') : 'no Chromium was found: neither the system’s nor @sparticuz/chromium',
  };
}

const desktop = { width: 1440, height: 900 };

/** A page of its own, signed in as a person of the demo (`kam`, `director`, …). */
export async function signInAs(browser: Browser, base: string, who: string, viewport = desktop): Promise<Page> {
  const page = await newPage(browser, { viewport, locale: 'en-US', timezoneId: 'America/New_York' });
  await page.goto(`${base}/sign-in`);
  await page.locator('input[name=email]').fill(`${who}@demo.tradeai.example`);
  await page.locator('input[name=password]').fill(process.env.TRADEAI_DEMO_PASSWORD ?? 'tradeai-demo');
  await page.keyboard.press('Enter');
  await page.locator('.screen').first().waitFor();
  return page;
}
