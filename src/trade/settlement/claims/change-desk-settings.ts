import type { Context } from '#context';
import { isBusinessDate } from '#fiscal-calendar';
import { findCustomers } from '#master-data';
import { fromJson, type MoneyJson, toJson } from '#money';
import { notFound, Problem } from '#problem';
import { findPeople, recordAudit, requireOtherHand } from '#security';
import {
  insertAutoSettlement,
  insertWriteOffLimit,
  readAutoSettlement,
  readWriteOffLimits,
} from './desk-settings-store.ts';
import { defaultWriteOffLimit, requireWithinApprovalLimit } from './personal-limits.ts';
import { insertReasonCode, type ReasonCode } from './reason-code-store.ts';

/** What a retailer's reason code means from a day on. */
export interface ReasonCodeInput {
  customerId: string;
  code: string;
  category: string;
  validFrom: string;
  validTo?: string | null | undefined;
}

function refuse(path: string, message: string): never {
  throw new Problem('rule.violated', { detail: `${path} ${message}.`, errors: [{ path, message }] });
}

/** Records what a reason code means at a customer and below it; what was recorded before stays and counts for before. */
export async function recordReasonCode(context: Context, input: ReasonCodeInput): Promise<ReasonCode> {
  const validTo = input.validTo ?? null;
  if (!isBusinessDate(input.validFrom)) refuse('validFrom', 'is no date of business');
  if (validTo !== null && !isBusinessDate(validTo)) refuse('validTo', 'is no date of business');
  if (validTo !== null && validTo < input.validFrom) refuse('validTo', 'is before validFrom');
  return context.db.transact(context, async (tx) => {
    if ((await findCustomers(tx, { ids: [input.customerId] })).length === 0) notFound('customer', input.customerId);
    const code: ReasonCode = {
      ...{ ...input, validTo, id: context.newId() },
      ...{ recordedBy: context.actor.id, recordedAt: context.clock.now() },
    };
    await insertReasonCode(tx, code);
    const { recordedBy: _by, recordedAt: _at, ...after } = code;
    await recordAudit(tx, { action: 'reason_code.recorded', entityType: 'reason_code', entityId: code.id, after });
    return code;
  });
}

/**
 * Sets up to which amount exact evidence is settled without a person; null switches it off. Throws
 * `approval.limit_exceeded` above what the actor may approve themselves.
 */
export async function setAutoSettlement(context: Context, limit: MoneyJson | null): Promise<void> {
  const amount = limit && fromJson(limit);
  if (amount && amount.minor <= 0n) refuse('limit', 'must be above zero');
  await context.db.transact(context, async (tx) => {
    if (amount) await requireWithinApprovalLimit(tx, amount);
    const before = await readAutoSettlement(tx);
    await insertAutoSettlement(tx, amount);
    await recordAudit(tx, {
      ...{ action: 'auto_settlement.set', entityType: 'auto_settlement', entityId: context.tenant.id },
      before: before && { limit: before.limit && toJson(before.limit) },
      after: { limit },
    });
  });
}

/** Sets what a person may write off at most. Nobody sets their own. */
export async function setWriteOffLimit(context: Context, personId: string, limit: MoneyJson): Promise<void> {
  const amount = fromJson(limit);
  if (amount.minor < 0n) refuse('limit', 'must not be negative');
  await context.db.transact(context, async (tx) => {
    await requireOtherHand(tx, [personId], 'Somebody else sets your limit.');
    if ((await findPeople(tx, { ids: [personId] })).length === 0) notFound('person', personId);
    const [own] = await readWriteOffLimits(tx, personId);
    const before = toJson(own?.limit ?? defaultWriteOffLimit(context));
    await insertWriteOffLimit(tx, personId, amount);
    await recordAudit(tx, {
      ...{ action: 'write_off_limit.set', entityType: 'person', entityId: personId },
      before: { writeOffLimit: before },
      after: { writeOffLimit: limit },
    });
  });
}
