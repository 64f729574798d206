import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findCustomers, findProducts } from '#master-data';
import { amountOf, compare, fromJson, type Money, type MoneyJson } from '#money';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { Fund, FundKind } from './domain/fund.ts';
import { findFunds, insertFund, lockFunds, readCheckbooks, updateFund } from './fund-store.ts';
import { postEntry } from './hold-funds.ts';

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
}

async function requireScope(tx: TenantTx<Context>, input: OpenFund): Promise<void> {
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

/** Opens a fund inside the running transaction, with its first deposit. Throws `code.taken`. */
export async function openFundIn(tx: TenantTx<Context>, input: OpenFund): Promise<Fund> {
  await requireScope(tx, input);
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
    version: 1,
  };
  if (!(await insertFund(tx, fund)))
    throw new Problem('code.taken', { detail: `There is a fund ${input.code} already.` });
  await recordAudit(tx, { action: 'fund.opened', entityType: 'fund', entityId: fund.id, after: { ...fund } });
  if (input.amount) await depositIn(tx, fund, fromJson({ amount: input.amount, currency: fund.currency }), 'opening');
  return fund;
}

/** Opens a fund. */
export async function openFund(context: Context, input: OpenFund): Promise<Fund> {
  return context.db.transact(context, (tx) => openFundIn(tx, input));
}

async function depositIn(tx: TenantTx<Context>, fund: Fund, amount: Money, note: string): Promise<void> {
  if (amount.minor === 0n) throw new Problem('rule.violated', { detail: 'An entry needs an amount.' });
  const outside = { fundId: fund.id, account: 'outside' as const };
  const available = { fundId: fund.id, account: 'available' as const };
  if (amount.minor > 0n) {
    await postEntry(tx, { kind: 'deposit', from: outside, to: available, amount, note });
    return;
  }
  const out = { minor: -amount.minor, currency: amount.currency };
  const book = (await readCheckbooks(tx, [fund.id])).get(fund.id);
  if (!book || compare(book.available, out) < 0) {
    throw new Problem('fund.exceeded', {
      detail: `${fund.code} has ${book ? amountOf(book.available) : '0'} ${fund.currency} available.`,
    });
  }
  await postEntry(tx, { kind: 'adjust', from: available, to: outside, amount: out, note });
}

async function lockFund(tx: TenantTx<Context>, id: string): Promise<Fund> {
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

/** Moves money between two funds of one currency; refuses to take Available below zero. */
export async function transferFunds(
  context: Context,
  id: string,
  transfer: { toFundId: string; amount: MoneyJson; note: string },
): Promise<void> {
  await context.db.transact(context, async (tx) => {
    if (transfer.toFundId === id)
      throw new Problem('rule.violated', { detail: 'A transfer needs two different funds.' });
    const funds = await lockFunds(tx, [id, transfer.toFundId]);
    const from = funds.find((fund) => fund.id === id) ?? notFound('fund', id);
    const to = funds.find((fund) => fund.id === transfer.toFundId) ?? notFound('fund', transfer.toFundId);
    const amount = fromJson(transfer.amount);
    if (from.currency !== to.currency || amount.currency !== from.currency) {
      throw new Problem('money.currency_mismatch', {
        detail: `${from.code} is kept in ${from.currency}, ${to.code} in ${to.currency}.`,
      });
    }
    if (amount.minor <= 0n) throw new Problem('rule.violated', { detail: 'A transfer needs a positive amount.' });
    const book = (await readCheckbooks(tx, [from.id])).get(from.id);
    if (!book || compare(book.available, amount) < 0) {
      throw new Problem('fund.exceeded', {
        detail: `${from.code} has ${book ? amountOf(book.available) : '0'} ${from.currency} available.`,
      });
    }
    await postEntry(tx, {
      kind: 'transfer',
      from: { fundId: from.id, account: 'available' },
      to: { fundId: to.id, account: 'available' },
      amount,
      note: transfer.note,
    });
    await recordAudit(tx, { action: 'fund.transferred', entityType: 'fund', entityId: id, after: { ...transfer } });
  });
}

/** Changes a fund's name or validity. */
export async function changeFund(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  change: { name?: string | undefined; validFrom?: string | undefined; validTo?: string | undefined },
): Promise<Fund> {
  return context.db.transact(context, async (tx) => {
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
    await updateFund(tx, changed);
    await recordAudit(tx, {
      action: 'fund.changed',
      entityType: 'fund',
      entityId: id,
      before: { ...fund },
      after: { ...changed },
    });
    return changed;
  });
}

/** A fund by id; throws `not_found`. */
export async function readFund(context: Context, id: string): Promise<Fund> {
  return context.db.read(context, async (tx) => (await findFunds(tx, [id]))[0] ?? notFound('fund', id));
}
