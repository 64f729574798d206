import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { createDemoPeople, createTenant } from '#security';
import { buildWeb } from '../../src/apps/web-assets.ts';
import { newPage, openBrowser } from '../browser.ts';
import { runHouse } from './running-house.ts';

const password = 'correct horse battery';
const kam = 'kam@demo.tradeai.example';

/** The product with people and nothing else, and a browser; undefined where no browser starts. */
async function peopledHouse(t: TestContext) {
  const found = await openBrowser();
  if (!found.browser) {
    t.skip(found.reason);
    return undefined;
  }
  const { browser } = found;
  t.after(() => browser.close());
  await buildWeb();
  const { house, clock, url } = await runHouse(t);
  const { db } = house.store;
  const { tenantId } = await createTenant(db, clock, { slug: 'demo', publicUrl: url });
  await createDemoPeople(db, clock, tenantId, password);
  // Authenticators know hosts by name only.
  const base = url.replace('127.0.0.1', 'localhost');
  const open = async (): Promise<Page> => {
    const page = await newPage(browser, { viewport: { width: 1280, height: 900 }, locale: 'en-US' });
    await page.goto(`${base}/sign-in`);
    return page;
  };
  return { open, base, clock };
}

async function enter(page: Page): Promise<void> {
  await page.locator('input[name=email]').fill(kam);
  await page.locator('input[name=password]').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const signedIn = (page: Page) => page.locator('.screen').first().waitFor();

function codeOf(secret: string, at: Date): string {
  const of = { secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 };
  return TOTP.generate({ ...of, timestamp: at.getTime() });
}

test('a person sets up a code generator, signs in by password and code, and gets in by a recovery code without it', async (t) => {
  const house = await peopledHouse(t);
  if (!house) return;
  const page = await house.open();
  await enter(page);
  await signedIn(page);
  await page.goto(`${house.base}/my-account`);
  await page.getByRole('button', { name: 'Set up' }).click();
  const shown = await page.getByTestId('totp-secret').textContent();
  const secret = (shown ?? '').replace(/\s/g, '');
  assert.match(secret, /^[A-Z2-7]{32}$/);
  await page.getByRole('img', { name: 'QR code for the generator app' }).waitFor();
  await page.locator('input[name=totp-code]').fill(codeOf(secret, house.clock.now()));
  await page.getByRole('button', { name: 'Turn it on' }).click();
  await page.getByTestId('recovery-codes').waitFor();
  const codes = await page.getByTestId('recovery-codes').locator('code').allTextContents();
  assert.equal(codes.length, 10);
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByText('On: a sign-in by password also asks').waitFor();

  const second = await house.open();
  await enter(second);
  // The code that set the generator up was used: the app shows the next one by now.
  const next = new Date(house.clock.now().getTime() + 30_000);
  await second.locator('input[name=code]').fill(codeOf(secret, next));
  await second.getByRole('button', { name: 'Go on' }).click();
  await signedIn(second);

  const third = await house.open();
  await enter(third);
  await third.getByRole('button', { name: 'Use a recovery code' }).click();
  await third.locator('input[name=code]').fill(codes[0] ?? '');
  await third.getByRole('button', { name: 'Go on' }).click();
  await signedIn(third);
  await third.goto(`${house.base}/my-account`);
  await third.getByText('9 recovery codes are left.').waitFor();
  const others = third.getByRole('button', { name: /^End the session on/ });
  await others.first().waitFor();
  assert.equal(await others.count(), 2);

  house.clock.advanceDays(1);
  await third.reload();
  await third.getByText('9 recovery codes are left.').waitFor();
  await third.getByRole('button', { name: 'Remove', exact: true }).click();
  await third.locator('input[name=proof-code]').fill(codeOf(secret, house.clock.now()));
  await third.getByRole('button', { name: 'Prove it' }).click();
  await third.getByText('Off. With an app on your phone').waitFor();
});

test('a person makes a passkey and signs in by it, without a password', async (t) => {
  const house = await peopledHouse(t);
  if (!house) return;
  const page = await house.open();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await enter(page);
  await signedIn(page);
  await page.goto(`${house.base}/my-account`);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.locator('input[name=passkey-name]').fill('Work laptop');
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('button', { name: 'Remove Work laptop' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await signedIn(page);
  await page.goto(`${house.base}/my-account`);
  await page.getByRole('cell', { name: 'Passkey', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Remove Work laptop' }).click();
  await page.getByText('No passkey yet').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByText('The passkey was not accepted', { exact: false }).waitFor();
});

test('signing out leaves nothing of a person in the browser, also where the server cannot be reached', async (t) => {
  const house = await peopledHouse(t);
  if (!house) return;
  const page = await house.open();
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => !key.startsWith('mantine-')));
  for (const reachable of [true, false]) {
    await enter(page);
    await signedIn(page);
    assert.deepEqual(await kept(), ['tradeai.signed-in'], 'storage holds no data of anybody');
    await page.evaluate(() => localStorage.setItem('left-behind', 'x'));
    if (!reachable) await page.route('**/auth/logout', (route) => route.abort());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('input[name=email]').waitFor();
    assert.equal(await page.locator('.screen').count(), 0);
    assert.deepEqual(await kept(), reachable ? [] : ['left-behind']);
  }
});
