import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openBrowser } from '../browser.ts';
import { startDemo } from '../demo-server.ts';
import { deskJourney } from './finance/desk-journey.ts';
import { exportsJourney } from './finance/exports-journey.ts';
import { monthEndJourney } from './finance/month-end-journey.ts';
import { smallScreensJourney } from './finance/small-screens-journey.ts';
import { exportSheet, read, Stage, textOfSheet } from './finance/stage.ts';
import { tradeMoneyJourney } from './finance/trade-money-journey.ts';

const found = await openBrowser();
const skip = found.browser ? false : `no browser can start here: ${found.reason}`;

// One demo house for all of it: starting one costs more than most journeys. Each finds what it works on by itself.
describe('finance in a browser', { skip }, () => {
  let demo: Awaited<ReturnType<typeof startDemo>>;
  let set: Stage;
  const stage = () => set;

  before(async () => {
    demo = await startDemo();
    set = new Stage(found.browser!, demo.base);
  });

  after(async () => {
    await demo?.stop();
    await found.browser?.close();
  });

  exportsJourney(stage);
  deskJourney(stage);
  tradeMoneyJourney(stage);
  smallScreensJourney(stage);
  monthEndJourney(stage);

  test('after all of it every invariant holds, and the list is a spreadsheet', async () => {
    const page = await stage().at('finance', '/invariants');
    await page.getByText(/checked every \d+ s: all hold/).waitFor();
    const { items } = await read<{ items: { name: string }[] }>(page, '/monitoring/invariants');
    const file = await exportSheet(page);
    assert.equal(file.suggestedFilename(), 'invariants.xlsx');
    const text = await textOfSheet(file);
    assert.deepEqual(
      items.map(({ name }) => name).filter((name) => !text.includes(name)),
      [],
    );
    assert.deepEqual(stage().takeErrors(), []);
  });
});
