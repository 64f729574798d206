import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { customerAncestorsOfEach, productAncestorsOfEach } from '#master-data';
import { amountOf, compare, fromJson, type Money, type MoneyJson, moneyFromNumeric, toJson, zero } from '#money';
import { notFound, Problem } from '#problem';
import { findPeople, recordAudit } from '#security';
import { type Definition, type Process, startWorkflow } from '#workflow';
import type { Fund } from './domain/fund.ts';
import type { NewEntry } from './entry-store.ts';
import { lockFunds } from './fund-store.ts';
import { requireAvailable } from './hold-funds.ts';
import { postEntries } from './post-entries.ts';
import { decideTransfer, insertTransfer, lockTransfer, type Transfer } from './transfer-store.ts';

type Tx = TenantTx<Context>;

const definition: Definition = {
  code: 'fund-transfer',
  title: 'Fund transfer',
  steps: [
    {
      name: 'decision',
      title: 'Transfer between funds',
      candidates: { permission: 'funds:approve', limitCovers: 'amount' },
      dueHours: 48,
    },
  ],
};

/** What proposing a transfer takes. */
export interface TransferProposal {
  toFundId: string;
  amount: MoneyJson;
  note: string;
}

/** A transfer happens on the day of its decision: both funds must be valid then. */
function requireValid(context: Context, funds: readonly Fund[]): void {
  const today = todayIn(context.clock, context.tenant.timeZone);
  for (const { code, validFrom, validTo } of funds) {
    if (validFrom <= today && today <= validTo) continue;
    throw new Problem('fund.not_eligible', {
      detail: `${code} is valid from ${validFrom} to ${validTo}, not on ${today}.`,
    });
  }
}

/** Money for one account or brand goes to another only through a fund that covers both. */
async function requireCommonScope(tx: Tx, from: Fund, to: Fund): Promise<void> {
  const pairs = [
    { what: 'customers', ids: [from.customerId, to.customerId], linesOf: customerAncestorsOfEach },
    { what: 'products', ids: [from.productId, to.productId], linesOf: productAncestorsOfEach },
  ];
  for (const { what, ids, linesOf } of pairs) {
    const [one, other] = ids;
    if (!one || !other) continue;
    const lines = await linesOf(tx, [one, other]);
    if (lines.get(one)?.includes(other) || lines.get(other)?.includes(one)) continue;
    throw new Problem('fund.not_eligible', {
      detail: `${from.code} and ${to.code} are for different ${what}: transfer through a fund that covers both.`,
    });
  }
}

/** The entry between `available` and `reserved` of the giving fund. */
function holdEntry(transfer: Transfer, from: Fund, kind: 'reserve' | 'release'): NewEntry {
  const [available, reserved] = [
    { fundId: from.id, account: 'available' as const },
    { fundId: from.id, account: 'reserved' as const },
  ];
  return {
    kind,
    from: kind === 'reserve' ? available : reserved,
    to: kind === 'reserve' ? reserved : available,
    amount: moneyFromNumeric(transfer.amount, transfer.currency),
    transferId: transfer.id,
    customerId: from.customerId,
    productId: from.productId,
    note: transfer.note,
  };
}

/** Out of one fund and into the other, each with its own fund's scope: the checkbooks by account and brand move too. */
function transferEntries(transfer: Transfer, from: Fund, to: Fund): NewEntry[] {
  const amount = moneyFromNumeric(transfer.amount, transfer.currency);
  const entry = { kind: 'transfer' as const, amount, transferId: transfer.id, note: transfer.note };
  return [
    {
      ...entry,
      from: { fundId: from.id, account: 'available' },
      to: { fundId: from.id, account: 'outside' },
      customerId: from.customerId,
      productId: from.productId,
    },
    {
      ...entry,
      from: { fundId: to.id, account: 'outside' },
      to: { fundId: to.id, account: 'available' },
      customerId: to.customerId,
      productId: to.productId,
    },
  ];
}

async function lockPair(tx: Tx, fromId: string, toId: string): Promise<{ from: Fund; to: Fund }> {
  const funds = await lockFunds(tx, [fromId, toId]);
  const found = (id: string) => funds.find((fund) => fund.id === id) ?? notFound('fund', id);
  return { from: found(fromId), to: found(toId) };
}

async function recordChange(tx: Tx, transfer: Transfer, state: Transfer['state'], comment: string): Promise<void> {
  const { id, fromFundId, toFundId } = transfer;
  const amount = toJson(moneyFromNumeric(transfer.amount, transfer.currency));
  await recordAudit(tx, {
    action: `fund.transfer.${state}`,
    entityType: 'fund_transfer',
    entityId: id,
    after: { fromFundId, toFundId, amount, note: transfer.note, state },
    ...(comment ? { reason: comment } : {}),
  });
  await emit(tx, {
    type: `funds.transfer.${state}`,
    subjectType: 'fund_transfer',
    subjectId: id,
    data: { transferId: id, fromFundId, toFundId, amount },
  });
}

function requireAmount(from: Fund, to: Fund, amount: Money): void {
  if (from.id === to.id) throw new Problem('rule.violated', { detail: 'A transfer needs two different funds.' });
  if (from.currency !== to.currency || amount.currency !== from.currency) {
    throw new Problem('money.currency_mismatch', {
      detail: `${from.code} is kept in ${from.currency}, ${to.code} in ${to.currency}.`,
    });
  }
  if (compare(amount, zero(amount.currency)) <= 0)
    throw new Problem('rule.violated', { detail: 'A transfer needs a positive amount.' });
}

/**
 * Proposes a transfer: the money is held in the giving fund, and somebody else with `funds:approve` and a limit that
 * covers it decides. Throws `fund.exceeded`, `fund.not_eligible` (validity, scope), `money.currency_mismatch`.
 */
export async function proposeTransfer(context: Context, fromId: string, proposal: TransferProposal): Promise<Transfer> {
  return context.db.transact(context, async (tx) => {
    const { from, to } = await lockPair(tx, fromId, proposal.toFundId);
    const amount = fromJson(proposal.amount);
    requireAmount(from, to, amount);
    requireValid(context, [from, to]);
    await requireCommonScope(tx, from, to);
    await requireAvailable(tx, [from], new Map([[from.id, amount]]));
    const transfer = await insertTransfer(tx, {
      ...{ id: context.newId(), fromFundId: from.id, toFundId: to.id, note: proposal.note },
      ...{ amount: amountOf(amount), currency: amount.currency },
    });
    await postEntries(tx, [from], [holdEntry(transfer, from, 'reserve')]);
    const [maker] = await findPeople(tx, { ids: [context.actor.id] });
    await startWorkflow(tx, {
      definition,
      subjectType: 'fund_transfer',
      subjectId: transfer.id,
      variables: { amount: amountOf(amount) },
      currency: amount.currency,
      makers: [context.actor.id],
      title: `${from.code} → ${to.code}`,
      summary: {
        fundId: from.id,
        toFundId: to.id,
        fromFund: from.name,
        toFund: to.name,
        amount: toJson(amount),
        note: proposal.note,
        makerName: maker?.name ?? context.actor.name,
      },
    });
    await recordChange(tx, transfer, 'proposed', '');
    return transfer;
  });
}

/** What the decision on a proposal does: the held money moves over, or goes back. */
export const transferApproval: Process = {
  definition,
  settle: async (tx, { subjectId, outcome, comment }) => {
    const transfer = (await lockTransfer(tx, subjectId)) ?? notFound('fund transfer', subjectId);
    const { from, to } = await lockPair(tx, transfer.fromFundId, transfer.toFundId);
    if (outcome === 'approved') requireValid(tx.context, [from, to]);
    const moved = outcome === 'approved' ? transferEntries(transfer, from, to) : [];
    await postEntries(tx, [from, to], [holdEntry(transfer, from, 'release'), ...moved]);
    await decideTransfer(tx, transfer.id, outcome, comment);
    await recordChange(tx, transfer, outcome, comment);
  },
};
