import type { Context } from '#context';
import type { TenantTx } from '#db';
import {
  type Cells,
  type CheckedRow,
  findCustomers,
  findProducts,
  type ImportKind,
  inSavepoint,
  type KindRun,
  type RowOutcome,
} from '#master-data';
import { Problem } from '#problem';
import { type LineJson, lineFrom } from './agreement-json.ts';
import { lineFaults, termBases, termKinds, termPayments, tierMeasures, tierMethods } from './domain/term-line.ts';
import { draftAgreementIn, draftVersionIn } from './draft-terms.ts';
import { findAgreements } from './terms-store.ts';

type Tx = TenantTx<Context>;

/** One line of an agreement, with what its rows repeat of the agreement. */
interface TermsRow {
  code: string;
  name: string;
  customerCode: string;
  productCode: string | null;
  currency: string;
  fx: { type: string; on: string | null } | null;
  validFrom: string;
  validTo: string | null;
  line: LineJson;
}

const columns: ImportKind<TermsRow>['columns'] = [
  { name: 'code', required: true, description: 'Code of the agreement; its lines are the rows that share it' },
  { name: 'name', required: true, description: 'Name of the agreement' },
  { name: 'customer_code', required: true, description: 'Customer at any level; everything below it inherits' },
  { name: 'product_code', required: false, description: 'Product at any level; empty: all products' },
  { name: 'currency', required: false, description: 'ISO 4217 code; the house currency where absent' },
  { name: 'fx_type', required: false, description: 'Type of exchange rate where currency is not the customer’s' },
  { name: 'fx_on', required: false, description: 'Day of that rate; the first day where absent' },
  { name: 'valid_from', required: true, description: 'First day (YYYY-MM-DD)' },
  { name: 'valid_to', required: false, description: 'Last day; empty: open end' },
  { name: 'line_code', required: true, description: 'Names the term; of lines with one code the nearest counts' },
  { name: 'kind', required: true, description: termKinds.join(', ') },
  { name: 'basis', required: true, description: termBases.join(', ') },
  { name: 'rate', required: false, description: 'Percent or money; empty where there are tiers' },
  { name: 'tiers', required: false, description: 'from:rate|from:rate, rising; growth: percent over last year' },
  { name: 'tier_method', required: false, description: `${tierMethods.join(' or ')}; retroactive where absent` },
  { name: 'tier_measure', required: false, description: `${tierMeasures.join(' or ')}; cases where absent` },
  { name: 'condition', required: false, description: 'What the customer does for it; conditional lines only' },
  { name: 'payment', required: false, description: `${termPayments.join(', ')}; by the kind where absent` },
];

const decimal = /^\d{1,12}(\.\d{1,6})?$/;

function readTiers(cells: Cells): LineJson['tiers'] {
  const text = cells.raw('tiers');
  if (text === '') return null;
  const steps = text.split('|').map((step) => {
    const [from = '', rate = '', ...more] = step.split(':').map((part) => part.trim());
    if (decimal.test(from) && decimal.test(rate) && more.length === 0) return { from, rate };
    cells.refuse(`tiers are not from:rate|from:rate: "${step.slice(0, 40)}"`);
    return { from: '0', rate: '0' };
  });
  const method = cells.raw('tier_method') === '' ? 'retroactive' : cells.oneOf('tier_method', tierMethods);
  const measure = cells.raw('tier_measure') === '' ? 'cases' : cells.oneOf('tier_measure', tierMeasures);
  return { method, measure, steps };
}

function readLine(cells: Cells): LineJson {
  const kind = cells.oneOf('kind', termKinds);
  const usual =
    kind === 'on_invoice' ? 'on_invoice' : kind === 'growth' || kind === 'volume_rebate' ? 'yearly' : 'quarterly';
  const line: LineJson = {
    ...{ code: cells.code('line_code'), kind, basis: cells.oneOf('basis', termBases) },
    rate: cells.optionalDecimal('rate'),
    tiers: readTiers(cells),
    condition: cells.optionalText('condition', 4_000),
    payment: cells.raw('payment') === '' ? usual : cells.oneOf('payment', termPayments),
  };
  if (cells.reasons.length === 0) for (const fault of lineFaults(lineFrom(line))) cells.refuse(fault);
  return line;
}

function readRow(cells: Cells, houseCurrency: string): TermsRow {
  const fxType = cells.optionalText('fx_type', 100);
  const row = {
    ...{ code: cells.code('code'), name: cells.text('name'), customerCode: cells.code('customer_code') },
    productCode: cells.optionalText('product_code', 100),
    currency: cells.currency('currency', houseCurrency),
    fx: fxType === null ? null : { type: fxType, on: cells.optionalDate('fx_on') },
    ...{ validFrom: cells.date('valid_from'), validTo: cells.optionalDate('valid_to'), line: readLine(cells) },
  };
  if (row.validTo !== null && row.validTo < row.validFrom) cells.refuse('valid_to is before valid_from');
  return row;
}

type Ids = Record<'customer' | 'product', ReadonlyMap<string, string>>;

async function idsOf(tx: Tx, rows: readonly CheckedRow<TermsRow>[]): Promise<Ids> {
  const codes = (of: (row: TermsRow) => string | null) => [...new Set(rows.flatMap(({ value }) => of(value) ?? []))];
  const byCode = (found: readonly { code: string; id: string }[]) => new Map(found.map(({ code, id }) => [code, id]));
  return {
    customer: byCode(await findCustomers(tx, { codes: codes((row) => row.customerCode) })),
    product: byCode(await findProducts(tx, { codes: codes((row) => row.productCode) })),
  };
}

/** What keeps the rows of one agreement from being one, or from finding its place. */
function groupFaults([first, ...rest]: readonly [TermsRow, ...TermsRow[]], ids: Ids): string[] {
  const said = ({ line: _, ...agreement }: TermsRow) => JSON.stringify(agreement);
  const lineCodes = [first, ...rest].map(({ line }) => line.code);
  return [
    ...(ids.customer.has(first.customerCode) ? [] : [`there is no customer ${first.customerCode}`]),
    ...(first.productCode && !ids.product.has(first.productCode) ? [`there is no product ${first.productCode}`] : []),
    ...(rest.every((row) => said(row) === said(first))
      ? []
      : [`the rows of ${first.code} differ in more than the line`]),
    ...(new Set(lineCodes).size === lineCodes.length ? [] : [`${first.code} has a line twice`]),
  ];
}

/** Drafts an agreement or its next version from its rows; the reasons where it cannot be. */
async function storeAgreement(tx: Tx, rows: readonly [TermsRow, ...TermsRow[]], ids: Ids): Promise<RowOutcome> {
  const faults = groupFaults(rows, ids);
  if (faults.length > 0) return faults;
  const [{ code, name, customerCode, productCode, currency, fx, validFrom, validTo }] = rows;
  const customerId = ids.customer.get(customerCode)!;
  const productId = productCode === null ? null : ids.product.get(productCode)!;
  const content = { name, validFrom, validTo, fx, lines: rows.map(({ line }) => line) };
  const [known] = await findAgreements(tx, { codes: [code] }, true);
  if (!known) {
    await draftAgreementIn(tx, { ...content, code, customerId, productId, currency, note: '' });
    return 'stored';
  }
  if (known.customerId !== customerId || known.productId !== productId || known.currency !== currency) {
    return [`${code} is with another customer, on another product or in another currency: give it another code`];
  }
  return (await draftVersionIn(tx, known, content)) ? 'stored' : 'unchanged';
}

async function storeTerms(
  tx: Tx,
  rows: readonly CheckedRow<TermsRow>[],
  broken: ReadonlySet<string>,
): Promise<RowOutcome[]> {
  const ids = await idsOf(tx, rows);
  const outcomes = new Map<string, RowOutcome>();
  for (const [code, group] of Map.groupBy(rows, ({ value }) => value.code)) {
    if (broken.has(code)) {
      outcomes.set(code, [`another row of ${code} is not taken: an agreement is taken whole or not at all`]);
      continue;
    }
    const values = group.map(({ value }) => value) as [TermsRow, ...TermsRow[]];
    const outcome = await inSavepoint(tx, () => storeAgreement(tx, values, ids));
    outcomes.set(code, outcome instanceof Problem ? [outcome.detail] : outcome);
  }
  return rows.map(({ value }) => outcomes.get(value.code)!);
}

/** Agreements with their lines, one line a row. They come in as drafts: somebody else agrees to them. */
export const termsImport: ImportKind<TermsRow> = {
  kind: 'terms',
  summary: 'Trading terms as drafts, one line of an agreement a row',
  permission: 'promotions:create',
  keeps: { customer: 'customer_code', product: 'product_code' },
  columns,
  batchRows: 200,
  open: async (context) => runOf(context),
};

function runOf(context: Context): KindRun<TermsRow> {
  /** Agreements of which a row was not taken: without its line they would be other ones. */
  const broken = new Set<string>();
  return {
    unread: (cells) => {
      broken.add(cells.raw('code'));
    },
    check: (cells) => readRow(cells, context.tenant.currency),
    groupOf: ({ code }) => code,
    // One agreement's lines may stand apart in the file.
    arrange: (rows) =>
      [...rows].sort((a, b) => (a.value.code < b.value.code ? -1 : a.value.code > b.value.code ? 1 : 0)),
    apply: (tx, rows) => storeTerms(tx, rows, broken),
  };
}
