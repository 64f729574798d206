import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findFundsByCode, fundCodesSeen } from '#funds';
import { Cells, findCustomers, findProducts, type ImportKind, type KindRun } from '#master-data';
import { type Mechanic, mechanics } from '#performance';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import type { Promotion } from './domain/promotion.ts';
import { emitPromotionEvent } from './events.ts';
import { inputOf, type PromotionInput, promotionBody, resolveTerms } from './planning/promotion-terms.ts';
import { readFunds, readTacticCells, type TacticCells, tacticColumns, tacticText } from './planning/tactic-cells.ts';
import { findPromotionsByCode, savePromotion } from './promotion-store.ts';
import { addHistory } from './version-store.ts';

/** One tactic of a promotion: rows of one code make one promotion. */
interface PlanRow {
  code: string;
  name: string;
  customerCode: string;
  startsOn: string;
  endsOn: string;
  shipStartsOn: string | null;
  shipEndsOn: string | null;
  mechanic: Mechanic;
  productCodes: string[];
  terms: TacticCells;
  funds: ReturnType<typeof readFunds>;
  state: 'draft' | 'ended';
}

const states = ['draft', 'ended'] as const;

function productCodesIn(text: string): string[] {
  return text
    .split('|')
    .map((code) => code.trim())
    .filter((code) => code !== '');
}

/** Plans from a spreadsheet arrive as drafts. Past events may arrive as `ended`: history, which moved no fund of ours. */
export const promotionsImport: ImportKind<PlanRow> = {
  kind: 'promotions',
  summary: 'Promotion plans: one row a tactic, rows of one code make one promotion',
  permission: 'promotions:create',
  keeps: {
    ...{ customer: 'customer_code', product: 'product_codes' },
    named: { column: 'fund_code', what: 'fund', visible: fundCodesSeen },
    codesIn: {
      product_codes: productCodesIn,
      fund_code: (text) => (text === '' ? [] : readFunds(new Cells({ fund_code: text })).map(({ code }) => code)),
    },
  },
  columns: [
    { name: 'code', required: true, description: 'Code of the promotion' },
    { name: 'name', required: true, description: 'Name' },
    { name: 'customer_code', required: true, description: 'Customer' },
    { name: 'starts_on', required: true, description: 'First day in store (YYYY-MM-DD)' },
    { name: 'ends_on', required: true, description: 'Last day in store' },
    { name: 'ship_starts_on', required: false, description: 'First day of the buy window; as starts_on' },
    { name: 'ship_ends_on', required: false, description: 'Last day of the buy window; as ends_on' },
    { name: 'mechanic', required: true, description: mechanics.join(', ') },
    { name: 'product_codes', required: true, description: 'Product codes, separated by |' },
    ...tacticColumns,
    {
      name: 'fund_code',
      required: true,
      description:
        'Fund that pays; several as A:0.6|B:0.4; one in another currency with its rate: B:0.4~closing@2026-07-06',
    },
    { name: 'state', required: false, description: 'draft (default), or ended for events of the past' },
  ],
  batchRows: 100,
  open: async (context) => runOf(context),
};

function runOf(context: Context): KindRun<PlanRow> {
  /** Promotions of which a row was not taken: without it they would be other ones. */
  const broken = new Set<string>();
  return {
    unread: (cells) => {
      broken.add(cells.raw('code'));
    },
    check: (cells) => {
      const row: PlanRow = {
        code: cells.code('code'),
        name: cells.text('name'),
        customerCode: cells.code('customer_code'),
        startsOn: cells.date('starts_on'),
        endsOn: cells.date('ends_on'),
        shipStartsOn: cells.optionalDate('ship_starts_on'),
        shipEndsOn: cells.optionalDate('ship_ends_on'),
        mechanic: cells.oneOf('mechanic', mechanics),
        productCodes: productCodesIn(cells.text('product_codes', 4_000)),
        terms: readTacticCells(cells, context.tenant.currency),
        funds: readFunds(cells),
        state: cells.raw('state') === '' ? 'draft' : cells.oneOf('state', states),
      };
      if (row.state === 'ended' && row.endsOn >= todayIn(context.clock, context.tenant.timeZone)) {
        cells.refuse('state is ended, but ends_on has not passed');
      }
      return row;
    },
    groupOf: ({ code }) => code,
    apply: async (tx, rows) => {
      const groups = new Map<string, PlanRow[]>();
      for (const { value } of rows) groups.set(value.code, [...(groups.get(value.code) ?? []), value]);
      const known = new Map((await findPromotionsByCode(tx, [...groups.keys()])).map((one) => [one.code, one]));
      const outcomes = new Map<string, RowOutcome>();
      for (const [code, group] of groups) {
        if (broken.has(code)) {
          outcomes.set(code, [`another row of ${code} is not taken: a promotion is taken whole or not at all`]);
          continue;
        }
        const input = await inputOfRows(tx, group);
        const before = known.get(code);
        if (isReasons(input)) outcomes.set(code, input);
        else outcomes.set(code, before ? compareTerms(before, input) : await storeGroup(tx, group, input));
      }
      return rows.map(({ value }) => outcomes.get(value.code) ?? 'unchanged');
    },
  };
}

type RowOutcome = 'stored' | 'unchanged' | string[];

function isReasons(input: PromotionInput | string[]): input is string[] {
  return Array.isArray(input);
}

/** Everything that a sheet can say about a promotion, in one form: decimals without trailing zeros, no order of tactics. */
function termsText(input: PromotionInput): string {
  const tactics = input.tactics.map(tacticText);
  const { name, customerId, startsOn, endsOn } = input;
  const ship = [input.shipStartsOn ?? startsOn, input.shipEndsOn ?? endsOn];
  return JSON.stringify([name, customerId, startsOn, endsOn, ship, tactics.sort()]);
}

/** A sheet never changes a promotion that is there: people may have worked on it since. */
function compareTerms(before: Promotion, input: PromotionInput): RowOutcome {
  if (termsText(inputOf(before)) === termsText(input)) return 'unchanged';
  return [`${before.code} is already there with other terms; change it in its workspace`];
}

/** What all rows of one promotion must say alike. */
const headColumns: { name: string; of: (row: PlanRow) => string | null }[] = [
  { name: 'name', of: (row) => row.name },
  { name: 'customer_code', of: (row) => row.customerCode },
  { name: 'starts_on', of: (row) => row.startsOn },
  { name: 'ends_on', of: (row) => row.endsOn },
  { name: 'ship_starts_on', of: (row) => row.shipStartsOn },
  { name: 'ship_ends_on', of: (row) => row.shipEndsOn },
  { name: 'state', of: (row) => row.state },
];

async function inputOfRows(tx: TenantTx<Context>, rows: readonly PlanRow[]): Promise<PromotionInput | string[]> {
  const [first] = rows;
  if (!first) return ['there is no row'];
  const differing = headColumns.filter(({ of }) => rows.some((row) => of(row) !== of(first)));
  if (differing.length > 0)
    return [`the rows of ${first.code} differ in ${differing.map((one) => one.name).join(', ')}`];
  const productCodes = [...new Set(rows.flatMap((row) => row.productCodes))];
  const fundCodes = [...new Set(rows.flatMap((row) => row.funds.map(({ code }) => code)))];
  const [customer] = await findCustomers(tx, { codes: [first.customerCode] });
  const products = new Map((await findProducts(tx, { codes: productCodes })).map((one) => [one.code, one.id]));
  const funds = new Map((await findFundsByCode(tx, fundCodes)).map((one) => [one.code, one.id]));
  const reasons = [
    ...(customer ? [] : [`there is no customer ${first.customerCode}`]),
    ...productCodes.filter((code) => !products.has(code)).map((code) => `there is no product ${code}`),
    ...fundCodes.filter((code) => !funds.has(code)).map((code) => `there is no fund ${code}`),
  ];
  if (reasons.length > 0 || !customer) return reasons;
  const parsed = promotionBody.safeParse({
    name: first.name,
    code: first.code,
    customerId: customer.id,
    startsOn: first.startsOn,
    endsOn: first.endsOn,
    shipStartsOn: first.shipStartsOn,
    shipEndsOn: first.shipEndsOn,
    tactics: rows.map((row) => ({
      mechanic: row.mechanic,
      productIds: row.productCodes.map((code) => products.get(code)),
      fundSplit: row.funds.map(({ code, ...part }) => ({ fundId: funds.get(code), ...part })),
      ...row.terms,
    })),
  });
  return parsed.success ? parsed.data : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
}

async function storeGroup(tx: TenantTx<Context>, rows: readonly PlanRow[], input: PromotionInput): Promise<RowOutcome> {
  const { context } = tx;
  try {
    const resolved = await resolveTerms(tx, input);
    const now = context.clock.now();
    const promotion: Promotion = {
      ...resolved.terms,
      id: context.newId(),
      code: input.code ?? '',
      state: rows[0]?.state ?? 'draft',
      heldFrom: null,
      stoppedOn: null,
      version: 1,
      makers: [context.actor.id],
      createdBy: context.actor.id,
      createdAt: now,
      updatedAt: now,
      submittedBy: null,
      submittedAt: null,
      plannedSpend: null,
      netProfit: null,
      netRoi: null,
    };
    await savePromotion(tx, promotion, resolved.leafProductIds);
    await addHistory(tx, promotion.id, 'created', 'imported');
    await recordAudit(tx, {
      action: 'promotion.imported',
      entityType: 'promotion',
      entityId: promotion.id,
      after: { code: promotion.code, state: promotion.state },
    });
    await emitPromotionEvent(tx, 'created', promotion);
    return 'stored';
  } catch (error) {
    // A rule that says no is the row's fault; anything else is not, and stops the import.
    if (error instanceof Problem && error.status < 500) return [error.detail];
    throw error;
  }
}
