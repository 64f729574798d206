import assert from 'node:assert/strict';
import type { CellFigure } from '../../web/src/ui/figure-cells.ts';
import { type Ask, asking, checkCell, checkFigure, figuresIn } from './figure-checks.ts';

// biome-ignore lint/suspicious/noExplicitAny: a stranger's view of JSON
type Json = any;

/** How many figures were looked at, and of how many the rows add up to them. */
interface Counted {
  figures: number;
  withRows: number;
  sums: number;
}

class Checks {
  readonly counted: Counted = { figures: 0, withRows: 0, sums: 0 };
  readonly ask: Ask;
  readonly cells: Readonly<Record<string, CellFigure>>;

  constructor(ask: Ask, cells: Readonly<Record<string, CellFigure>>) {
    this.ask = ask;
    this.cells = cells;
  }

  get(path: string): Promise<Json> {
    return this.ask(`/api/v1${path}`);
  }

  #count(found: 'sum' | 'rows' | 'none' | 'empty'): void {
    if (found === 'empty') return;
    this.counted.figures++;
    if (found !== 'none') this.counted.withRows++;
    if (found === 'sum') this.counted.sums++;
  }

  /** Every figure of an answer. */
  async answer(path: string): Promise<Json> {
    const answer = await this.get(path);
    for (const [place, figure] of figuresIn(answer)) this.#count(await checkFigure(this.ask, path + place, figure));
    return answer;
  }

  /** Cells of one row, each named by its list and column. */
  async row(names: readonly string[], row: object): Promise<void> {
    for (const name of names) this.#count(await checkCell(this.ask, this.cells, name, row));
  }
}

const of = (list: string, ...columns: string[]) => columns.map((column) => `${list}.${column}`);

async function promotions(checks: Checks): Promise<void> {
  for (const state of ['draft', 'submitted', 'approved', 'ended']) {
    const { items } = await checks.get(`/promotions?state=${state}&limit=1`);
    for (const promotion of items) {
      await checks.row(of('promotions', 'plannedSpend', 'netProfit', 'netRoi'), promotion);
      const { id: promotionId } = promotion;
      const plan = await checks.answer(`/promotions/${promotionId}/plan`);
      const { incrementalVolume, eventSpend } = plan.figures;
      const rows = { weeks: incrementalVolume?.rows, tactics: eventSpend?.rows };
      const products = ['baselineUnits', 'predictedUnits', 'incrementalUnits', 'spend', 'basePrice', 'depth'];
      for (const one of plan.products) await checks.row(of('plan.products', ...products), { ...one, ...rows });
      for (const one of plan.funds) await checks.row(of('plan.funds', 'needed'), { ...one, ...rows });
      await checks.row(of('plan.totals', 'baselineUnits'), { ...plan.totals, ...rows });
      if (state !== 'ended') continue;
      const result = await checks.answer(`/promotions/${promotionId}/post-event`);
      if (!result.actual) continue;
      for (const column of ['baselineUnits', 'actualUnits', 'incrementalUnits'])
        await checks.row([`postEvent.actual.${column}`], { ...result, [column]: result.actual[column] });
      const predicted = of('postEvent.predicted', 'spend', 'netProfit', 'netRoi');
      if (result.predicted) await checks.row(predicted, { ...result.predicted, promotionId });
    }
  }
}

async function models(checks: Checks): Promise<void> {
  const model = (await checks.get('/ml/models?status=fitted&limit=1')).items[0];
  for (const [method, score] of Object.entries<object>(model.metrics.accuracy))
    await checks.row(of('models', 'wape', 'bias'), { ...model, ...score, method });
  await checks.row(['models.elasticity'], { ...model, elasticity: String(model.metrics.elasticity.median) });
}

async function plansAndTerms(checks: Checks): Promise<void> {
  const plan = (await checks.get('/account-plans?limit=1')).items[0];
  for (const line of ['volume', 'tacticSpend', 'contribution'])
    for (const column of ['target', 'plan', 'latestEstimate', 'actual', 'gap'])
      await checks.answer(`/account-plans/${plan.id}/figure?line=${line}&column=${column}`);
  await checks.answer(`/account-plans/${plan.id}/gap-closers`);
  await checks.answer('/performance/results?by=brand');
  const { items } = await checks.get('/performance/results/events?limit=3');
  for (const event of items)
    await checks.row(of('results.events', 'spend', 'netProfit', 'netRoi', 'incrementalUnits'), event);
  const agreement = (await checks.get('/terms?limit=1')).items[0];
  await checks.answer(`/terms/${agreement.id}/attainment`);
  const from = `${plan.fiscalYear}-02-01`;
  await checks.answer(`/terms/waterfall?customerId=${plan.customerId}&from=${from}&to=${plan.fiscalYear}-04-30`);
}

async function money(checks: Checks): Promise<void> {
  const filled = (await checks.get('/funds?kind=live_accrual&limit=1')).items[0];
  for (const week of (await checks.get(`/funds/${filled.id}/accruals?limit=3`)).items)
    await checks.row(of('funds.accrued', 'cases', 'amount'), { ...week, fund: filled });
  for (const fund of (await checks.get('/funds?limit=2')).items) {
    await checks.row(['funds.available'], fund);
    await checks.answer(`/funds/${fund.id}/checkbook`);
  }
  const periods = (await checks.get('/periods?limit=200')).items;
  for (const { id: periodId, state } of periods.slice(0, 2)) {
    if (state !== 'closed') {
      const proposal = await checks.answer(`/accruals/proposal?periodId=${periodId}`);
      for (const tactic of proposal.tactics.slice(0, 2)) await checks.row(['proposal.tactic.accruedBefore'], tactic);
      for (const group of proposal.groups.slice(0, 2)) {
        const ofLastRun = {
          ...{ lastRunId: proposal.lastRun?.id, entryKind: group.kind === 'release' ? 'release' : 'earn' },
        };
        await checks.row(of('proposal', 'lastRun', 'plan'), { ...group, ...ofLastRun });
      }
    }
    for (const { total, liabilities, accounts } of (await checks.get(`/periods/${periodId}/report`)).currencies) {
      for (const roll of [total, ...liabilities.slice(0, 3)])
        await checks.row(of('report', 'earned', 'settled', 'released', 'closing'), { ...roll, periodId });
      for (const account of accounts)
        await checks.row(of('report.account', 'debits', 'credits', 'closing'), { ...account, periodId });
    }
  }
  for (const journal of (await checks.get('/journals?limit=2')).items) await checks.row(['journals.total'], journal);
  const { items } = await checks.get('/deductions?limit=6&sort=-amount');
  for (const { id } of items) {
    const item = await checks.answer(`/deductions/${id}`);
    await checks.row(of('items', 'amount', 'openAmount', 'validAmount'), item);
    for (const match of item.matches) await checks.row(['items.earned'], match);
  }
}

/** Walks the demo house as those who may see its figures: each leads to its rows, and sums are the sums of theirs. */
export async function checkFiguresOfDemo(base: string): Promise<Counted> {
  const all: Counted = { figures: 0, withRows: 0, sums: 0 };
  for (const [who, walk] of [
    ['marketing', promotions],
    ['kam', plansAndTerms],
    ['finance', money],
    ['analyst', models],
  ] as const) {
    const ask = await asking(base, who);
    const { cells } = (await ask('/api/v1/figures')) as { cells: Record<string, CellFigure> };
    const checks = new Checks(ask, cells);
    await walk(checks);
    assert.ok(checks.counted.figures > 0, `${who} sees figures`);
    all.figures += checks.counted.figures;
    all.withRows += checks.counted.withRows;
    all.sums += checks.counted.sums;
  }
  return all;
}
