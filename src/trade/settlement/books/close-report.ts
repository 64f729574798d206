import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findCustomers } from '#master-data';
import { add, amountOf, type Money, moneyFromNumeric, subtract, sum } from '#money';
import { readAccountRows, readLiabilityRows } from './close-report-store.ts';
import type { JournalAccount } from './domain/journal.ts';
import { csvOf } from './journal-file.ts';
import { type FiscalPeriod, findPeriod } from './period-store.ts';

/** opening + earned − settled − released = closing, which the journals must say too. */
export interface LiabilityRoll {
  opening: Money;
  earned: Money;
  settled: Money;
  released: Money;
  closing: Money;
  /** The account accrued trade liability in the journals at the period's end. */
  journals: Money;
}

/** What a customer is owed for one mechanic. */
export interface ReportedLiability extends LiabilityRoll {
  customerId: string;
  customerCode: string;
  mechanic: string;
}

/** An account over the period; balances are debits − credits. */
export interface ReportedAccount {
  account: JournalAccount;
  glAccount: string | null;
  costCentre: string | null;
  opening: Money;
  debits: Money;
  credits: Money;
  closing: Money;
}

/** The books of one currency. */
export interface ReportedCurrency {
  currency: string;
  total: LiabilityRoll;
  liabilities: ReportedLiability[];
  accounts: ReportedAccount[];
  /** Every row says what the journals say, and the closing liability is the balance of its accounts. */
  ties: boolean;
}

/** The close report of a period. */
export interface CloseReport {
  period: FiscalPeriod;
  currencies: ReportedCurrency[];
}

const rollColumns = ['opening', 'earned', 'settled', 'released', 'closing', 'journals'] as const;

const same = (a: Money, b: Money) => a.minor === b.minor;

function rollOf(row: Record<Exclude<keyof LiabilityRoll, 'closing'>, string>, currency: string): LiabilityRoll {
  const [opening, earned, settled, released, journals] = [
    ...[row.opening, row.earned, row.settled, row.released, row.journals],
  ].map((amount) => moneyFromNumeric(amount, currency)) as [Money, Money, Money, Money, Money];
  const closing = subtract(subtract(add(opening, earned), settled), released);
  return { opening, earned, settled, released, closing, journals };
}

function ofCurrency(currency: string, liabilities: ReportedLiability[], accounts: ReportedAccount[]): ReportedCurrency {
  const totals = rollColumns.map((name) => [
    name,
    sum(
      liabilities.map((row) => row[name]),
      currency,
    ),
  ]);
  const total: LiabilityRoll = Object.fromEntries(totals);
  const owed = sum(
    accounts.filter(({ account }) => account === 'accrued_trade_liability').map(({ closing }) => closing),
    currency,
  );
  const ties = liabilities.every((row) => same(row.closing, row.journals)) && owed.minor === -total.closing.minor;
  return { currency, total, liabilities, accounts, ties };
}

/** The close report of a period: liabilities and accounts rolled forward, tied to the journals to the cent. */
export async function readCloseReport(tx: TenantTx<Context>, periodId: string): Promise<CloseReport> {
  const period = await findPeriod(tx, periodId);
  const rows = await readLiabilityRows(tx, period);
  const accounts = await readAccountRows(tx, period);
  const customers = await findCustomers(tx, { ids: [...new Set(rows.map(({ customerId }) => customerId))] });
  const codes = new Map(customers.map(({ id, code }) => [id, code]));
  const currencies = [...new Set([...rows, ...accounts].map(({ currency }) => currency))].sort();
  return {
    period,
    currencies: currencies.map((currency) =>
      ofCurrency(
        currency,
        rows
          .filter((row) => row.currency === currency)
          .map(({ customerId, mechanic, ...row }) => ({
            ...{ customerId, customerCode: codes.get(customerId) ?? '', mechanic },
            ...rollOf(row, currency),
          })),
        accounts
          .filter((row) => row.currency === currency)
          .map(({ account, glAccount, costCentre, ...row }) => {
            const amount = (text: string) => moneyFromNumeric(text, currency);
            const { opening, debits, credits } = row;
            const [o, d, c] = [amount(opening), amount(debits), amount(credits)];
            const closing = subtract(add(o, d), c);
            return {
              ...{ account: account as JournalAccount, glAccount, costCentre },
              ...{ opening: o, debits: d, credits: c, closing },
            };
          }),
      ),
    ),
  };
}

/** The close report as CSV: liabilities first, then accounts; every row names its table. */
export function closeReportCsv({ period, currencies }: CloseReport): string {
  const name = [String(period.fiscalYear), String(period.period)];
  const liabilities = currencies.flatMap(({ currency, liabilities: rows }) =>
    rows.map((row) => [
      ...['liability', ...name, currency, row.customerCode, row.mechanic, '', '', ''],
      ...[row.opening, row.earned, row.settled, row.released].map(amountOf),
      ...['', '', amountOf(row.closing), amountOf(row.journals)],
    ]),
  );
  const accounts = currencies.flatMap(({ currency, accounts: rows }) =>
    rows.map((row) => [
      ...['account', ...name, currency, '', '', row.account, row.glAccount ?? '', row.costCentre ?? ''],
      ...[amountOf(row.opening), '', '', ''],
      ...[amountOf(row.debits), amountOf(row.credits), amountOf(row.closing), ''],
    ]),
  );
  const header = [
    ...[
      'table',
      'fiscal_year',
      'period',
      'currency',
      'customer_code',
      'mechanic',
      'account',
      'gl_account',
      'cost_centre',
    ],
    ...['opening', 'earned', 'settled', 'released', 'debits', 'credits', 'closing', 'journals'],
  ];
  return csvOf([header, ...liabilities, ...accounts]);
}
