import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Cells, ImportKind, RowOutcome } from '#master-data';
import { findCustomers, findProducts, inSavepoint } from '#master-data';
import { amountOf, type Money, money, moneyFromNumeric, zero } from '#money';
import { Problem } from '#problem';
import { accrualErrors, changeFundIn, openFundIn } from './change-funds.ts';
import { readCheckbooks } from './checkbook-store.ts';
import { type Fund, type FundKind, fundKinds } from './domain/fund.ts';
import { openingDeposits } from './entry-store.ts';
import { findFundsByCode } from './fund-store.ts';

type Tx = TenantTx<Context>;

interface FundRow {
  code: string;
  name: string;
  kind: FundKind;
  currency: string;
  amount: string;
  validFrom: string;
  validTo: string;
  customerCode: string | null;
  productCode: string | null;
  rate: { per: 'case' | 'percent'; amount: string } | undefined;
  sourceFrom: string | null;
  sourceTo: string | null;
  windowPeriods: number | null;
}

const ratePer = { '': 'case', case: 'case', percent: 'percent' } as const;

function readAccrual(cells: Cells): Pick<FundRow, 'rate' | 'sourceFrom' | 'sourceTo' | 'windowPeriods'> {
  const amount = cells.optionalDecimal('rate', { zero: false });
  const per = (cells.optionalText('rate_per', 10) ?? '') as keyof typeof ratePer;
  if (!(per in ratePer)) cells.refuse('rate_per is neither case nor percent');
  const periods = cells.optionalDecimal('window_periods', { digits: 0, zero: false });
  return {
    rate: amount === null ? undefined : { amount, per: ratePer[per] },
    sourceFrom: cells.optionalDate('source_from'),
    sourceTo: cells.optionalDate('source_to'),
    windowPeriods: periods === null ? null : Number(periods),
  };
}

/** A fund that is there already, with what it was opened with and what came of that. */
interface KnownFund {
  fund: Fund;
  opened: Money;
  budgeted: Money;
}

async function readKnown(tx: Tx, codes: readonly string[]): Promise<Map<string, KnownFund>> {
  const funds = await findFundsByCode(tx, codes);
  const ids = funds.map(({ id }) => id);
  const [opened, books] = [await openingDeposits(tx, ids), await readCheckbooks(tx, ids)];
  return new Map(
    funds.map((fund) => {
      const { id, code, currency } = fund;
      const budgeted = books.get(id)?.budgeted ?? zero(currency);
      return [code, { fund, opened: moneyFromNumeric(opened.get(id) ?? '0', currency), budgeted }];
    }),
  );
}

/** The first deposit again, or what the fund's entries have made of it, is no news; no other amount may get lost. */
function amountReasons({ fund, opened, budgeted }: KnownFund, row: FundRow): string[] {
  const amount = money(row.amount, row.currency);
  const same = (other: Money) => other.currency === amount.currency && other.minor === amount.minor;
  if (same(opened) || same(budgeted)) return [];
  const shown = (one: Money) => `${amountOf(one)} ${one.currency}`;
  return [
    `amount is ${shown(amount)}, but ${fund.code} was opened with ${shown(opened)} and has ${shown(budgeted)} budgeted: entries of the fund change that, not imports`,
  ];
}

/** What a row says that no fund takes on after its opening; only of columns that the file brings. */
function fixedReasons(
  { fund }: KnownFund,
  row: FundRow & { customerId: string | null; productId: string | null },
  columns: ReadonlySet<string>,
): string[] {
  const differing = [
    ...(row.kind === fund.kind ? [] : ['kind']),
    ...(columns.has('customer_code') && row.customerId !== fund.customerId ? ['customer_code'] : []),
    ...(columns.has('product_code') && row.productId !== fund.productId ? ['product_code'] : []),
  ];
  return differing.length > 0
    ? [`${differing.join(' and ')} of ${fund.code} is another one: a fund keeps its kind and its scope`]
    : [];
}

/** Takes over the name and the validity that a row says, as an edit of the fund would; nothing else changes by a sheet. */
async function changeKnown(tx: Tx, known: KnownFund, row: FundRow): Promise<RowOutcome> {
  const { name, validFrom, validTo } = row;
  const { fund } = known;
  if (name === fund.name && validFrom === fund.validFrom && validTo === fund.validTo) return 'unchanged';
  const changed = await inSavepoint(tx, () => changeFundIn(tx, fund.id, undefined, { name, validFrom, validTo }));
  if (changed instanceof Problem) return [changed.detail];
  known.fund = changed;
  return 'stored';
}

/**
 * Opens funds with their first deposit. A fund that is there already takes on another name and validity, as by an edit; a
 * row that names another amount, kind or scope for it is refused, since money moves by entries only.
 */
export const fundsImport: ImportKind<FundRow> = {
  kind: 'funds',
  summary: 'Funds with their opening deposit',
  permission: 'funds:write',
  keeps: { customer: 'customer_code', product: 'product_code' },
  columns: [
    { name: 'code', required: true, description: 'Code of the fund' },
    { name: 'name', required: true, description: 'Name' },
    { name: 'kind', required: true, description: fundKinds.join(', ') },
    { name: 'currency', required: true, description: 'ISO 4217 code' },
    { name: 'amount', required: true, description: 'Opening deposit', total: true },
    { name: 'valid_from', required: true, description: 'First day (YYYY-MM-DD)' },
    { name: 'valid_to', required: true, description: 'Last day (YYYY-MM-DD)' },
    { name: 'customer_code', required: false, description: 'Customer whose subtree it covers; empty: all' },
    { name: 'product_code', required: false, description: 'Product whose subtree it covers; empty: all' },
    { name: 'rate', required: false, description: 'What shipments put into it, per case or in percent of list price' },
    { name: 'rate_per', required: false, description: 'case or percent; case where absent' },
    {
      name: 'source_from',
      required: false,
      description: 'prior_period_accrual: first week that fills it (YYYY-MM-DD)',
    },
    { name: 'source_to', required: false, description: 'prior_period_accrual: last week that fills it' },
    { name: 'window_periods', required: false, description: 'rolling: how many past fiscal periods fill it' },
  ],
  batchRows: 200,
  open: async (context, { columns }) => ({
    check: (cells) => {
      const currency = cells.currency('currency', context.tenant.currency);
      const row = {
        code: cells.code('code'),
        name: cells.text('name'),
        kind: cells.oneOf('kind', fundKinds),
        currency,
        amount: cells.optionalAmount('amount', currency) ?? '0',
        validFrom: cells.date('valid_from'),
        validTo: cells.date('valid_to'),
        customerCode: cells.optionalText('customer_code', 100),
        productCode: cells.optionalText('product_code', 100),
        ...readAccrual(cells),
      };
      for (const { path, message } of accrualErrors(row)) cells.refuse(`${path} ${message}`);
      if (row.validTo < row.validFrom) cells.refuse('valid_to is before valid_from');
      return row;
    },
    apply: async (tx, rows) => {
      const known = await readKnown(
        tx,
        rows.map((row) => row.value.code),
      );
      const codesOf = (key: 'customerCode' | 'productCode') => rows.flatMap(({ value }) => value[key] ?? []);
      const customers = new Map(
        (await findCustomers(tx, { codes: codesOf('customerCode') })).map((one) => [one.code, one.id]),
      );
      const products = new Map(
        (await findProducts(tx, { codes: codesOf('productCode') })).map((one) => [one.code, one.id]),
      );
      const outcomes: RowOutcome[] = [];
      for (const { value } of rows) {
        const { customerCode, productCode } = value;
        const reasons = [
          ...(customerCode && !customers.has(customerCode) ? [`there is no customer ${customerCode}`] : []),
          ...(productCode && !products.has(productCode) ? [`there is no product ${productCode}`] : []),
        ];
        const there = known.get(value.code);
        const customerId = (customerCode && customers.get(customerCode)) || null;
        const productId = (productCode && products.get(productCode)) || null;
        if (there && reasons.length === 0) {
          reasons.push(...fixedReasons(there, { ...value, customerId, productId }, columns));
          // What a fund that lies elsewhere holds is not told.
          if (reasons.length === 0) reasons.push(...amountReasons(there, value));
        }
        if (reasons.length > 0) outcomes.push(reasons);
        else if (there) outcomes.push(await changeKnown(tx, there, value));
        else {
          const amount = value.amount === '0' ? undefined : value.amount;
          const fund = await openFundIn(tx, { ...value, amount, customerId, productId });
          const opened = money(value.amount, value.currency);
          known.set(value.code, { fund, opened, budgeted: opened });
          outcomes.push('stored');
        }
      }
      return outcomes;
    },
  }),
};
