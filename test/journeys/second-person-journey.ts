import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  clientId,
  clientSecret,
  looseProvider,
} from '../../src/engines/security/sign-in/single-sign-on/test-providers.ts';
import { told } from '../browser.ts';
import { dialogButton, type PeopledHouse } from './peopled-house.ts';

/** One administrator asks for a way in for everyone, and it is none before the other has confirmed it. */
export async function confirmProvider(t: TestContext, { base, enter, idOf, calling }: PeopledHouse): Promise<void> {
  await (await calling('admin'))(200, 'PATCH', `/users/${idOf('analyst')}`, { roles: ['administrator'] });
  const { issuer } = await looseProvider(t);
  const offered = async () => {
    const { items } = await (await calling('kam'))(200, 'GET', '/auth/single-sign-on?tenant=demo');
    return items.map(({ name }: { name: string }) => name);
  };
  const adam = await enter('admin');
  await adam.goto(`${base}/sign-in-settings`);
  await adam.getByRole('button', { name: 'Add a provider' }).click();
  const form = adam.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('House sign-in');
  await form.getByLabel('Issuer').fill(issuer);
  await form.getByLabel('Client id').fill(clientId);
  await form.getByRole('textbox', { name: 'Client secret' }).fill(clientSecret);
  await dialogButton(adam, 'Add the provider').click();
  await told(adam, 'It waits');
  await adam.getByText('Another administrator confirms it here.').waitFor();
  assert.equal(await adam.getByRole('button', { name: 'Confirm House sign-in' }).count(), 0);
  assert.deepEqual(await offered(), []);

  const anders = await enter('analyst');
  await anders.goto(`${base}/sign-in-settings`);
  const notice = anders.getByRole('alert').filter({ hasText: 'Waits for a second person' });
  await notice.getByText('Adam Quist').waitFor();
  await notice.getByText(issuer).waitFor();
  await anders.getByRole('button', { name: 'Confirm House sign-in' }).click();
  await told(anders, 'The provider is in force');
  assert.deepEqual(await offered(), ['House sign-in']);
}

/** Keys that an administrator made stand in an incident once they are none any more; one is rotated, one set aside. */
export async function tendKeys({ base, enter, idOf, calling }: PeopledHouse): Promise<void> {
  const admin = await calling('admin');
  const { id } = await admin(201, 'POST', '/service-accounts', {
    ...{ name: 'Loader', permissions: ['audit:read'], scope: { customers: null, products: null } },
  });
  const anders = await calling('analyst');
  for (const name of ['Nightly', 'Weekly']) {
    await anders(201, 'POST', `/service-accounts/${id}/keys`, { name, permissions: ['audit:read'], days: 30 });
  }
  await admin(200, 'PATCH', `/users/${idOf('analyst')}`, { roles: ['data_analyst'] });

  const adam = await enter('admin');
  await adam.goto(`${base}/security-alerts`);
  await adam.getByRole('button', { name: /Somebody knows keys of programs who should not any more/ }).click();
  const row = (name: string) => adam.locator('tr', { has: adam.getByText(name, { exact: true }) });
  await row('Nightly').getByText('works').waitFor();
  await row('Weekly').getByText('works').waitFor();
  await adam.getByRole('button', { name: 'Rotate Nightly' }).click();
  assert.match(await adam.getByLabel('API key').inputValue(), /^\S{30,}$/);
  await adam.getByRole('button', { name: 'I have kept it' }).click();
  await adam.getByRole('button', { name: 'Set Weekly aside' }).click();
  await row('Weekly').getByText('opens nothing').waitFor();
  assert.equal(await adam.getByRole('button', { name: 'Set Weekly aside' }).count(), 0);
}
