import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { type ProcessModel, writeBpmn } from '#workflow';
import { told } from '../browser.ts';
import { dialogButton, type PeopledHouse, peopledHouse } from './peopled-house.ts';
import { eventually } from './running-house.ts';

const title = 'Who reads a listing';

/** Sales reads small listings, legal the large ones too. */
const matrix = {
  ...{ code: 'who-reads', title, inputs: [{ name: 'items', type: 'number' }] },
  table: {
    ...{ kind: 'table', hitPolicy: 'U', annotations: [], outputs: [{ name: 'who', type: 'string' }] },
    inputs: [{ expression: 'items', type: 'number' }],
    rules: [
      { id: 'small', conditions: ['<= 100'], results: ['"sales"'], notes: [] },
      { id: 'large', conditions: ['> 100'], results: ['"both"'], notes: [] },
    ],
  },
};

/** Asks the matrix; the director reads, and then legal where the matrix says so. */
function readingFile(): Promise<string> {
  const task = (id: string, name: string, role: string) => ({
    ...{ kind: 'user' as const, id, name, outcomes: ['approved', 'rejected'] },
    candidates: { permission: 'workflows:act', roles: [role] },
  });
  const flow = (from: string, to: string, condition?: string) => ({
    ...{ id: `${from}-to-${to}`, from, to },
    ...(condition ? { condition } : {}),
  });
  const model: ProcessModel = {
    ...{ code: 'reading', title: 'Reading of a listing' },
    variables: [
      { name: 'items', type: 'number', required: true },
      { name: 'who', type: 'string' },
    ],
    body: {
      nodes: [
        { kind: 'start', id: 'begin' },
        { kind: 'business-rule', id: 'ask', decision: 'who-reads', input: { items: 'items' }, result: 'who' },
        task('sales', 'Sales reads', 'director'),
        { kind: 'exclusive', id: 'more', default: 'more-to-over' },
        task('legal', 'Legal reads', 'legal'),
        { kind: 'end', id: 'over', outcome: 'approved' },
      ],
      flows: [
        ...[flow('begin', 'ask'), flow('ask', 'sales'), flow('sales', 'more'), flow('legal', 'over')],
        ...[flow('more', 'legal', 'who = "both"'), flow('more', 'over')],
      ],
    },
  };
  return writeBpmn([model]);
}

/** Two approvals that are over, each read by the director alone. */
async function readTwo({ calling }: PeopledHouse): Promise<void> {
  const [admin, director] = [await calling('admin'), await calling('director')];
  const decision = await admin(201, 'POST', '/workflows/decisions', matrix);
  await admin(200, 'POST', `/workflows/decisions/${decision.id}/publish`);
  const { items } = await admin(201, 'POST', '/workflows/processes', { bpmn: await readingFile() });
  await admin(200, 'POST', `/workflows/processes/${items[0].id}/publish`);
  for (const [name, count] of [
    ['Short list', 20],
    ['Long list', 80],
  ] as const) {
    const begun = await admin(201, 'POST', '/workflows/instances', {
      ...{ process: 'reading', title: name, variables: { items: count } },
    });
    const { tasks } = await admin(200, 'GET', `/workflows/instances/${begun.id}`);
    await director(200, 'POST', `/tasks/${tasks[0].id}/complete`, { outcome: 'approved', comment: '' });
    const ask = () => admin(200, 'GET', `/workflows/instances/${begun.id}`);
    await eventually(`${name} is over`, ask, ({ state }) => state === 'completed');
  }
}

const cell = (page: Page, row: number, column: string) => page.getByLabel(`Row ${row}, ${column}`, { exact: true });
const finding = (page: Page, text: string) => page.getByRole('list', { name: 'Findings' }).getByText(text);

async function changeOne(house: PeopledHouse): Promise<void> {
  await readTwo(house);
  const admin = await house.enter('admin');
  await admin.goto(`${house.base}/workflow?tab=decisions`);
  await admin.locator('.item', { hasText: title }).locator('.pick').click();

  // A cell that leaves a gap, seen beside it; and the keyboard goes down.
  await cell(admin, 1, 'items').fill('<= 50');
  await finding(admin, 'No row matches').waitFor();
  await cell(admin, 1, 'items').press('Enter');
  await cell(admin, 2, 'items').and(admin.locator(':focus')).waitFor();
  await admin.keyboard.press('Control+A');
  await admin.keyboard.type('>= 50');
  await admin.locator('.decision [data-found="block"] th', { hasText: '2' }).waitFor();
  await cell(admin, 2, 'items').fill('> 50');
  await admin.getByText('Nothing overlaps').waitFor();

  // The bench says which row answers.
  await admin.getByLabel('items', { exact: true }).fill('80');
  await admin.locator('.decision tr[data-lit]', { hasText: '2' }).waitFor();
  await admin.getByRole('status', { name: 'Answer' }).getByText('"both"').waitFor();

  await admin.getByRole('button', { name: 'Save as the next draft' }).click();
  await told(admin, 'Kept as a draft');
  await admin.getByRole('heading', { name: title }).waitFor();
  await admin.getByRole('button', { name: 'Replay past approvals' }).click();
  await admin.getByRole('button', { name: 'More steps: 1' }).click();
  const changed = admin.getByRole('table', { name: 'Approvals that come out otherwise' }).locator('tbody tr');
  await changed.filter({ hasText: 'Long list' }).getByText('1 → 2').waitFor();
  await changed.filter({ hasText: 'Long list' }).getByText('as then').waitFor();
  assert.equal(await changed.count(), 1, 'what comes out the same is counted, not listed');
  await admin.getByRole('table', { name: 'By step' }).getByRole('button', { name: 'Legal' }).waitFor();

  await admin.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialogButton(admin, 'Publish').click();
  await told(admin, 'Published');
  await admin.setViewportSize({ width: 390, height: 844 });
  await admin.locator('.decision').waitFor();
  assert.equal(await admin.evaluate('document.documentElement.scrollWidth'), 390, 'a phone is wide enough');
}

test('a matrix is changed, seen through, tried, replayed over past approvals and published', async (t) => {
  const house = await peopledHouse(t);
  if (house) await changeOne(house);
});
