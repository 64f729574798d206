import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, told } from '../browser.ts';
import { startMailServer } from '../mail-server.ts';
import { labelFile } from './drawn-processes.ts';
import { dialogButton, entry, type PeopledHouse, peopledHouse } from './peopled-house.ts';
import { eventually } from './running-house.ts';
import { confirmProvider, tendKeys } from './second-person-journey.ts';
import { askForBudget, onboardCustomer, readMetrics, returnTogether } from './shipped-processes-journey.ts';

/** The process in force, and the way to begin one that some people look at. */
async function labels({ calling, idOf }: PeopledHouse) {
  const admin = await calling('admin');
  const { items } = await admin(201, 'POST', '/workflows/processes', { bpmn: await labelFile() });
  await admin(200, 'POST', `/workflows/processes/${items[0].id}/publish`);
  const begin = async (title: string, ...approvers: string[]): Promise<string> => {
    const body = { process: 'label', title, variables: { approvers: approvers.map(idOf) } };
    // The clock is moved, and with it ends every sign-in.
    return (await (await calling('admin'))(201, 'POST', '/workflows/instances', body)).id;
  };
  /** Who did what to the task of an instance, and on whose behalf. */
  const trail = async (instanceId: string, action: string) => {
    const { tasks } = await (await calling('admin'))(200, 'GET', `/workflows/instances/${instanceId}`);
    const auditor = await calling('auditor');
    const entries = action === 'task.approved' ? instanceId : tasks[0].id;
    const { items } = await auditor(200, 'GET', `/audit?action=${action}&entityId=${entries}`);
    return items as { actorName: string; onBehalfOfName: string | null; after: Record<string, unknown> }[];
  };
  /** Waits until somebody has a task of this title, or has it no more. */
  const having = async (login: string, title: string, has: boolean) => {
    const call = await calling(login);
    const ask = async () => (await call(200, 'GET', '/tasks?mine=true&limit=200')).items as { title: string }[];
    await eventually(
      `${login} ${has ? 'has' : 'has not'} ${title}`,
      ask,
      (items) => has === items.some((one) => one.title === title),
    );
  };
  return { begin, trail, having };
}

type Labels = Awaited<ReturnType<typeof labels>>;

const dayAway = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const namesIn = (entries: Awaited<ReturnType<Labels['trail']>>) =>
  entries.map(({ actorName, onBehalfOfName }) => [actorName, onBehalfOfName]);

async function delegateOne({ base, enter }: PeopledHouse, { begin, trail }: Labels): Promise<void> {
  const title = 'Label of the oat bar';
  const id = await begin(title, 'director', 'finance');
  const dora = await enter('director');
  await dora.goto(`${base}/work`);
  await entry(dora, title).locator('.pick').click();
  await dora.getByRole('button', { name: 'Claim' }).and(dora.locator(':enabled')).click();
  await told(dora, 'Claimed');
  await dora.getByRole('button', { name: 'Release' }).and(dora.locator(':enabled')).click();
  await told(dora, 'Released');
  await dora.getByRole('button', { name: 'Delegate' }).and(dora.locator(':enabled')).click();
  await choose(dora, 'To', 'Fiona', /^Fiona Castell$/, dora.getByRole('dialog'));
  await dialogButton(dora, 'Delegate').click();
  await told(dora, 'Delegated');
  const fiona = await enter('finance');
  await fiona.goto(`${base}/work`);
  await entry(fiona, title).getByText('for Dora Ingram').waitFor();
  await entry(fiona, title).locator('.pick').click();
  await fiona.getByRole('button', { name: 'Approve' }).and(fiona.locator(':enabled')).waitFor();
  const label = { name: 'label.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\na label') };
  await fiona.getByLabel('Paper: PDF').setInputFiles(label);
  await told(fiona, 'Attached');
  await fiona.getByRole('button', { name: 'label.pdf' }).waitFor();
  await fiona.keyboard.press('a');
  await dialogButton(fiona, 'Approve').click();
  await told(fiona, 'Approved');
  assert.deepEqual(namesIn(await trail(id, 'task.approved')), [['Fiona Castell', 'Dora Ingram']]);
}

async function standIn({ base, enter, clock }: PeopledHouse, { begin, trail, having }: Labels): Promise<void> {
  const [decided, left] = ['Label of the rice cake', 'Label of the corn cake'];
  const id = await begin(decided, 'director');
  await begin(left, 'director');
  const dora = await enter('director');
  await dora.goto(`${base}/my-account`);
  await dora.getByRole('button', { name: 'Set away' }).click();
  // Whatever the time is where the tenant is: she is away now, and back in three days.
  await dora.getByLabel('First day').fill(dayAway(-1));
  await dora.getByLabel('Last day').fill(dayAway(1));
  await choose(dora, 'Who stands in', 'Leon', /^Leon Gale$/, dora.getByRole('dialog'));
  await dialogButton(dora, 'Save').click();
  await told(dora, 'Saved');
  await having('legal', left, true);
  await having('director', left, false);
  await dora.goto(`${base}/work`);
  await dora.getByText('New tasks go to Leon Gale').waitFor();

  // On a phone.
  const leon = await enter('legal', { width: 390, height: 844 });
  await leon.goto(`${base}/work`);
  await entry(leon, decided).getByText('for Dora Ingram (away until').waitFor();
  assert.equal(await leon.evaluate('document.documentElement.scrollWidth'), 390, 'a phone is wide enough');
  await entry(leon, decided).locator('.pick').click();
  await leon.getByRole('button', { name: 'Approve' }).and(leon.locator(':enabled')).click();
  await dialogButton(leon, 'Approve').click();
  await told(leon, 'Approved');
  assert.deepEqual(namesIn(await trail(id, 'task.approved')), [['Leon Gale', 'Dora Ingram']]);

  // The day after the last, what is still open is hers again.
  clock.advanceDays(3);
  await having('director', left, true);
  await having('legal', left, false);
}

async function escalate(house: PeopledHouse, { begin, trail, having }: Labels): Promise<void> {
  const { base, enter, idOf, clock } = house;
  const title = 'Label of the soup';
  const id = await begin(title, 'director');
  clock.advanceDays(5);
  await having('executive', title, true);
  const [entryOf] = await trail(id, 'task.escalated');
  assert.deepEqual(entryOf?.after.candidates, [idOf('executive')]);
  assert.deepEqual((entryOf as unknown as { before: object }).before, { candidates: [idOf('director')] });
  const adam = await enter('admin');
  await adam.goto(`${base}/workflow/instances/${id}`);
  await adam.getByRole('button', { name: 'Reassign' }).waitFor();
  const esme = await enter('executive');
  await esme.goto(`${base}/work`);
  await entry(esme, title).locator('.pick').click();
  await esme.getByRole('button', { name: 'Approve' }).and(esme.locator(':enabled')).click();
  await dialogButton(esme, 'Approve').click();
  await told(esme, 'Approved');
  assert.deepEqual(namesIn(await trail(id, 'task.approved')), [['Esme Vautier', null]]);
}

test('people decide, hand over and confirm on screen', async (t) => {
  const mails = await startMailServer(t);
  const house = await peopledHouse(t, {
    ...{ TRADEAI_SMTP_URL: `smtp://127.0.0.1:${mails.port}`, TRADEAI_OUTBOUND_PRIVATE: '1' },
  });
  if (!house) return;
  await t.test(
    'more budget is decided by three people, the last by the link of a letter, and is in the fund then',
    () => askForBudget(house, mails),
  );
  await t.test('two requests for budget are returned together, with one reason', () => returnTogether(house));
  await t.test('a customer gets a credit limit on conditions and is active when both set-up tasks are done', () =>
    onboardCustomer(house),
  );
  await t.test('the screen of process metrics says what the API says, and names the bottleneck and the loop', () =>
    readMetrics(house),
  );
  await t.test('a provider that one administrator adds lets nobody in before another has confirmed it', (t) =>
    confirmProvider(t, house),
  );
  await t.test('keys of a demoted administrator stand in an incident, each rotated or set aside by one press', () =>
    tendKeys(house),
  );
  const drawn = await labels(house);
  await t.test('a task that is claimed, released and delegated is decided by the other, and the trail names both', () =>
    delegateOne(house, drawn),
  );
  await t.test('who is away is stood in for, on a phone and with both names, and what is open returns afterwards', () =>
    standIn(house, drawn),
  );
  await t.test('what waits five days goes to the executive, and the trail names who had it and who has it', () =>
    escalate(house, drawn),
  );
});
