import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';

const run = promisify(execFile);

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

/**
 * Lets `close` fail when a page of the browser was refused something by its content security policy: a screen that does
 * so is broken, and nothing else would say so.
 */
function refuseViolations(browser: Browser): Browser {
  const violations = new Set<string>();
  browser.on('context', (context) =>
    context.on('console', (message) => {
      if (!/content security policy/i.test(message.text())) return;
      violations.add(`${new URL(message.page()?.url() ?? 'about:blank').pathname}: ${message.text()}`);
    }),
  );
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
      return { browser: refuseViolations(await chromium.launch({ executablePath, args, timeout: 30_000 })) };
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
  const context = await browser.newContext({ viewport, locale: 'en-US', timezoneId: 'America/New_York' });
  const page = await context.newPage();
  await page.goto(`${base}/sign-in`);
  await page.locator('input[name=email]').fill(`${who}@demo.tradeai.example`);
  await page.locator('input[name=password]').fill(process.env.TRADEAI_DEMO_PASSWORD ?? 'tradeai-demo');
  await page.keyboard.press('Enter');
  await page.locator('.screen').first().waitFor();
  return page;
}
