import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findCustomers, findProducts } from '#master-data';
import { amountOf, fromJson, fromMinor, type Money, type MoneyJson, moneyFromNumeric, sum, toJson } from '#money';
import { type FieldError, notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import { insertRate } from './accrual-store.ts';
import { type FundRate, rateProblem } from './domain/accrual.ts';
import { type Fund, type FundKind, filledByShipments } from './domain/fund.ts';
import { openingNote } from './entry-store.ts';
import { findFunds, insertFund, lockFunds, updateFund } from './fund-store.ts';
import { requireAvailable } from './hold-funds.ts';
import { unearnedHolds } from './hold-store.ts';
import { postEntries } from './post-entries.ts';
import { proposedFrom } from './transfer-store.ts';

type Tx = TenantTx<Context>;

/** What opening a fund takes. */
export interface OpenFund {
  code: string;
  name: string;
  kind: FundKind;
  currency: string;
  customerId?: string | null | undefined;
  productId?: string | null | undefined;
  validFrom: string;
  validTo: string;
  /** First deposit. */
  amount?: string | undefined;
  sourceFrom?: string | null | undefined;
  sourceTo?: string | null | undefined;
  windowPeriods?: number | null | undefined;
  /** What shipments put into it from its first day on, or from the first day of what fills it. */
  rate?: Pick<FundRate, 'per' | 'amount'> | undefined;
}

async function requireScope(tx: Tx, input: OpenFund): Promise<void> {
  if (input.customerId && (await findCustomers(tx, { ids: [input.customerId] })).length === 0)
    notFound('customer', input.customerId);
  if (input.productId && (await findProducts(tx, { ids: [input.productId] })).length === 0)
    notFound('product', input.productId);
  if (input.validFrom > input.validTo) {
    throw new Problem('rule.violated', {
      detail: 'A fund cannot end before it begins.',
      errors: [{ path: 'validTo', message: 'is before validFrom' }],
    });
  }
}

/** A rolling fund is filled by weeks from before it begins: its first rate holds for all of them. */
const sinceEver = '1900-01-01';

/** Two years of thirteen periods. */
const maxWindowPeriods = 26;

/** What does not fit together in what is to fill a fund. */
export function accrualErrors(
  input: Pick<OpenFund, 'kind' | 'rate' | 'sourceFrom' | 'sourceTo' | 'windowPeriods'>,
): FieldError[] {
  const wrongRate = input.rate && rateProblem(input.rate);
  return [
    ...(input.rate && input.kind === 'prior_period_accrual' && !(input.sourceFrom && input.sourceTo)
      ? [{ path: 'sourceFrom', message: 'is needed with sourceTo: the past weeks whose shipments fill the fund' }]
      : []),
    ...(input.rate && input.kind === 'rolling' && !input.windowPeriods
      ? [{ path: 'windowPeriods', message: 'is needed: how many past periods fill the fund' }]
      : []),
    ...(input.sourceFrom && input.sourceTo && input.sourceTo < input.sourceFrom
      ? [{ path: 'sourceTo', message: 'is before sourceFrom' }]
      : []),
    ...((input.windowPeriods ?? 1) > maxWindowPeriods
      ? [{ path: 'windowPeriods', message: `is above ${maxWindowPeriods}` }]
      : []),
    ...(wrongRate ? [{ path: 'rate', message: wrongRate }] : []),
    ...(input.rate && !filledByShipments.includes(input.kind)
      ? [{ path: 'rate', message: `does not go with ${input.kind}` }]
      : []),
  ];
}

/** Opens a fund inside the running transaction, with its first deposit. Throws `code.taken`. */
export async function openFundIn(tx: Tx, input: OpenFund): Promise<Fund> {
  await requireScope(tx, input);
  const errors = accrualErrors(input);
  if (errors.length > 0)
    throw new Problem('rule.violated', {
      detail: errors.map(({ path, message }) => `${path} ${message}`).join('; '),
      errors,
    });
  const fund: Fund = {
    id: tx.context.newId(),
    code: input.code,
    name: input.name,
    kind: input.kind,
    currency: input.currency,
    customerId: input.customerId ?? null,
    productId: input.productId ?? null,
    validFrom: input.validFrom,
    validTo: input.validTo,
    sourceFrom: input.sourceFrom ?? null,
    sourceTo: input.sourceTo ?? null,
    windowPeriods: input.windowPeriods ?? null,
    version: 1,
  };
  if (!(await insertFund(tx, fund)))
    throw new Problem('code.taken', { detail: `There is a fund ${input.code} already.` });
  await recordAudit(tx, { action: 'fund.opened', entityType: 'fund', entityId: fund.id, after: { ...fund } });
  if (input.rate) {
    const rate = { ...input.rate, validFrom: fund.kind === 'rolling' ? sinceEver : fund.validFrom };
    await insertRate(tx, fund.id, rate);
    await recordAudit(tx, { action: 'fund.rate-set', entityType: 'fund', entityId: fund.id, after: rate });
  }
  if (input.amount) await depositIn(tx, fund, fromJson({ amount: input.amount, currency: fund.currency }), openingNote);
  return fund;
}

/** Opens a fund. */
export async function openFund(context: Context, input: OpenFund): Promise<Fund> {
  return context.db.transact(context, (tx) => openFundIn(tx, input));
}

/** The two sides of money that comes into a locked fund, or leaves it where `minor` is below zero. */
function depositEntry(fund: Fund, amount: Money) {
  const outside = { fundId: fund.id, account: 'outside' as const };
  const available = { fundId: fund.id, account: 'available' as const };
  const size = fromMinor(amount.minor < 0n ? -amount.minor : amount.minor, amount.currency);
  const scope = { amount: size, customerId: fund.customerId, productId: fund.productId };
  return amount.minor > 0n
    ? { ...scope, kind: 'deposit' as const, from: outside, to: available }
    : { ...scope, kind: 'adjust' as const, from: available, to: outside };
}

/** Puts money into a locked fund, or takes it out where it is below zero. */
export async function depositIn(tx: Tx, fund: Fund, amount: Money, note: string): Promise<void> {
  if (amount.minor === 0n) throw new Problem('rule.violated', { detail: 'An entry needs an amount.' });
  const entry = depositEntry(fund, amount);
  if (entry.kind === 'adjust') await requireAvailable(tx, [fund], new Map([[fund.id, entry.amount]]));
  await postEntries(tx, [fund], [{ ...entry, note }]);
}

async function lockFund(tx: Tx, id: string): Promise<Fund> {
  const [fund] = await lockFunds(tx, [id]);
  return fund ?? notFound('fund', id);
}

/** Puts money into a fund, or takes it out with a negative amount (never below zero available). */
export async function depositFund(context: Context, id: string, amount: MoneyJson, note: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const fund = await lockFund(tx, id);
    if (amount.currency !== fund.currency) {
      throw new Problem('money.currency_mismatch', { detail: `${fund.code} is kept in ${fund.currency}.` });
    }
    await depositIn(tx, fund, fromJson(amount), note);
    await recordAudit(tx, { action: 'fund.deposited', entityType: 'fund', entityId: id, after: { amount, note } });
  });
}

/** Holds that a refusal names one by one. */
const mostNamed = 20;

/**
 * What a fund holds is for days that its promotions know and it does not: while anything is held and not yet earned, its
 * validity only grows.
 */
async function requireNothingCutOff(tx: Tx, fund: Fund, changed: Fund): Promise<void> {
  const cut = [
    ...(changed.validFrom > fund.validFrom ? [{ path: 'validFrom', message: `is after ${fund.validFrom}` }] : []),
    ...(changed.validTo < fund.validTo ? [{ path: 'validTo', message: `is before ${fund.validTo}` }] : []),
  ];
  if (cut.length === 0) return;
  const { code, currency } = fund;
  const holds = (await unearnedHolds(tx, fund.id)).map(({ promotionId, amount }) => ({
    promotionId,
    amount: moneyFromNumeric(amount, currency),
  }));
  const proposed = moneyFromNumeric(await proposedFrom(tx, fund.id), currency);
  const held = sum(
    holds.map(({ amount }) => amount),
    currency,
  );
  const told = [
    ...(holds.length > 0 ? [`${amountOf(held)} ${currency} not yet earned by ${holds.length} promotion(s)`] : []),
    ...(proposed.minor > 0n ? [`${amountOf(proposed)} ${currency} for proposed transfers`] : []),
  ];
  if (told.length === 0) return;
  throw new Problem('rule.violated', {
    detail: `${code} holds ${told.join(' and ')}: until that is earned, released or decided, the fund can only become valid for longer.`,
    errors: cut,
    extra: {
      holds: holds.slice(0, mostNamed).map(({ promotionId, amount }) => ({ promotionId, amount: toJson(amount) })),
    },
  });
}

/** Changes a fund's name or validity. Throws `rule.violated` where money is held that the new validity may cut off. */
export async function changeFund(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  change: { name?: string | undefined; validFrom?: string | undefined; validTo?: string | undefined },
): Promise<Fund> {
  return context.db.transact(context, (tx) => changeFundIn(tx, id, ifMatch, change));
}

/** {@link changeFund} inside the running transaction. */
export async function changeFundIn(
  tx: Tx,
  id: string,
  ifMatch: number | undefined,
  change: { name?: string | undefined; validFrom?: string | undefined; validTo?: string | undefined },
): Promise<Fund> {
  const fund = await lockFund(tx, id);
  if (ifMatch !== undefined && ifMatch !== fund.version) throw new Problem('version.conflict');
  const changed: Fund = {
    ...fund,
    name: change.name ?? fund.name,
    validFrom: change.validFrom ?? fund.validFrom,
    validTo: change.validTo ?? fund.validTo,
    version: fund.version + 1,
  };
  await requireScope(tx, changed);
  await requireNothingCutOff(tx, fund, changed);
  await updateFund(tx, changed);
  await recordAudit(tx, {
    ...{ action: 'fund.changed', entityType: 'fund', entityId: id },
    ...{ before: { ...fund }, after: { ...changed } },
  });
  return changed;
}

/** A fund by id; throws `not_found`. */
export async function readFund(context: Context, id: string): Promise<Fund> {
  return context.db.read(context, async (tx) => (await findFunds(tx, [id]))[0] ?? notFound('fund', id));
}
