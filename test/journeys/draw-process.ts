import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { choose, told } from '../browser.ts';
import { dialogButton, entry, type PeopledHouse } from './peopled-house.ts';

const title = 'Check of a leaflet';

const shape = (page: Page, id: string) => page.locator(`.draw-board .djs-shape[data-element-id="${id}"]`);
const side = (page: Page) => page.getByRole('complementary', { name: 'What is picked' });
const wrong = (page: Page, id: string) => page.locator(`.draw-board .mark-wrong[data-element-id="${id}"]`);
const sound = (page: Page) => side(page).getByText('Nothing keeps it from being published');

/** Puts something behind what is picked by its context pad; its name, said beside, makes its id. */
async function appendDrawn(page: Page, what: string, name: string, id: string): Promise<void> {
  await page.locator(`.djs-context-pad.open [data-action="append.${what}"]`).click();
  await nameIt(page, name, id);
}

/** Says that the director decides what is picked. */
async function askDirector(page: Page): Promise<void> {
  await side(page).getByLabel('Roles').fill('director');
  await page.getByRole('option', { name: 'Sales director' }).click();
  await page.keyboard.press('Escape');
}

async function nameIt(page: Page, name: string, id: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).and(page.locator('[value=""]')).fill(name);
  await page.getByLabel('Name', { exact: true }).press('Enter');
  await shape(page, id).waitFor();
}

/** Picks an element without a pointer, by what it is called. */
const pick = (page: Page, text: string, option: RegExp) => choose(page, 'Picked', text, option, side(page));

async function drawOne(page: Page): Promise<void> {
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Title').press('Enter');
  await page.getByLabel('Code').and(page.locator('[value="check-of-a-leaflet"]')).waitFor();

  await shape(page, 'begin').click();
  await page.locator('.djs-context-pad.open [data-action="append.user"]').click();
  // A task is named where it stands.
  const label = page.locator('.djs-direct-editing-content');
  await label.fill('Sales looks');
  await label.press('Enter');
  await shape(page, 'sales_looks').waitFor();
  await askDirector(page);
  await appendDrawn(page, 'exclusive', 'Agreed?', 'agreed');
  await appendDrawn(page, 'end', 'Printed', 'printed');
  await pick(page, 'Printed', /^Printed/);
  await page.getByRole('combobox', { name: 'Outcome of the process' }).fill('approved');
  await page.getByRole('combobox', { name: 'Outcome of the process' }).press('Enter');

  // A way that ends nowhere stands out on the diagram; the finding leads there.
  await pick(page, 'Agreed?', /^Agreed\? \(/);
  await side(page).getByRole('button', { name: 'Add behind it' }).click();
  await page.getByRole('menuitem', { name: 'User task' }).click();
  await nameIt(page, 'Sales mends', 'sales_mends');
  await askDirector(page);
  await wrong(page, 'sales_mends').waitFor();
}

async function mend(page: Page): Promise<void> {
  const nowhere = side(page).getByRole('button', { name: /"Sales mends".*leads nowhere/ });
  await pick(page, 'Printed', /^Printed/);
  await nowhere.click();
  await page.getByLabel('Id').and(page.locator('[value="sales_mends"]')).waitFor();
  await side(page).getByRole('button', { name: 'Add behind it' }).click();
  await page.getByRole('menuitem', { name: 'End', exact: true }).click();
  await nameIt(page, 'Left out', 'left_out');
  await nowhere.waitFor({ state: 'detached' });

  // One way by a condition, which offers what the task may decide; the other where it does not hold.
  await pick(page, 'Agreed? → Printed', /Agreed\? → Printed/);
  await page.getByRole('combobox', { name: 'Condition' }).click();
  await page.getByRole('option', { name: 'sales_looks.outcome = "approved"' }).click();
  await pick(page, 'Agreed? → Sales mends', /Agreed\? → Sales mends/);
  await page.getByLabel('Taken where no other condition holds').check();
  await sound(page).waitFor();

  // Undo takes the last step back, and what it broke is told.
  await page.getByRole('button', { name: 'Undo' }).click();
  await side(page).getByRole('button', { name: '"Agreed? → Sales mends" needs a condition' }).waitFor();
  await page.locator('.draw-board .djs-connection.mark-wrong').waitFor();
  await page.getByRole('button', { name: 'Redo' }).click();
  await sound(page).waitFor();
}

/** An administrator draws an approval from nothing; a second one publishes it, and it carries a decision. */
export async function drawFromNothing({ base, enter, promote }: PeopledHouse): Promise<void> {
  const admin = await enter('admin');
  await admin.goto(`${base}/workflow`);
  await admin.getByRole('button', { name: 'Draw a process' }).click();
  await drawOne(admin);
  await mend(admin);
  // Leaving asks.
  admin.once('dialog', (dialog) => void dialog.dismiss());
  await admin.getByRole('link', { name: '‹ Processes' }).click();
  await side(admin).getByRole('button', { name: 'Save as a draft' }).click();
  await told(admin, `${title}, version 1`);
  await admin.waitForURL(/version=/);
  const id = new URL(admin.url()).searchParams.get('version');

  await promote('analyst');
  await admin.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialogButton(admin, 'Publish').click();
  await admin.getByRole('dialog').getByText('Your own work needs').waitFor();
  const anders = await enter('analyst');
  await anders.goto(`${base}/workflow?version=${id}`);
  await anders.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialogButton(anders, 'Publish').click();
  await anders.getByRole('button', { name: 'Start one' }).click();
  await anders.getByLabel('Title').fill('Leaflet of week 12');
  await dialogButton(anders, 'Start').click();
  await anders.locator('.bpmn .mark-token[data-element-id="sales_looks"]').waitFor();

  const dora = await enter('director');
  await dora.goto(`${base}/work`);
  await entry(dora, 'Leaflet of week 12').locator('.pick').click();
  await dora.getByRole('button', { name: 'Approve' }).and(dora.locator(':enabled')).waitFor();
  await dora.keyboard.press('a');
  await dora.keyboard.press('Control+Enter');
  await told(dora, 'Approved');
  await anders.locator('.timeline [data-what="task.completed"]', { hasText: 'Approved by Dora Ingram' }).waitFor();
}

/** Every process that comes with the product is the same process once it was opened on the drawing board. */
export async function keepWhatShips({ base, enter, calling }: PeopledHouse): Promise<void> {
  const api = await calling('admin');
  const { items } = await api(200, 'GET', '/workflows/processes/shipped');
  assert.ok(items.length >= 3);
  const admin = await enter('admin');
  for (const { code, bpmn } of items) {
    const looked = admin.waitForResponse((response) => response.url().endsWith('/workflows/processes/check'));
    await admin.goto(`${base}/workflow/draw?shipped=${code}`);
    const [drawn] = (await (await looked).json()).items;
    const [shipped] = (await api(200, 'POST', '/workflows/processes/check', { bpmn })).items;
    assert.deepEqual([drawn.code, drawn.hash, drawn.findings], [code, shipped.hash, []]);
  }
}
