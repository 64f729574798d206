import { todayIn } from '#clock';
import type { Context } from '#context';
import type { ListRequest, Page, TenantTx } from '#db';
import { Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { KeyErasedError } from '../keys/envelope.ts';
import { type KeyScope, keyring } from '../keys/keyring.ts';
import { getPerson } from '../people/list-people.ts';
import { namesByIds } from '../people/person-names.ts';
import { dueMonths, extensionMonths, monthsLater, type RequestKind } from './domain/privacy-request.ts';
import {
  findRequest,
  insertRequest,
  insertStep,
  pageOfRequests,
  type RequestChange,
  type RequestFilter,
  type RequestRow,
  type Step,
  stepsOf,
  updateRequest,
} from './request-store.ts';

/** A request as the officer sees it. */
export interface PrivacyRequest extends Omit<RequestRow, 'contact' | 'asked'> {
  /** Who asked and how to reach them; null once that was erased. */
  contact: string | null;
  asked: string | null;
  personName: string | null;
}

/** What somebody asks for. */
export interface RequestInput {
  kind: RequestKind;
  /** The member whom it is about; absent: somebody without an account. */
  personId?: string | undefined;
  /** Who asked and how to reach them. */
  contact: string;
  /** In their words. */
  asked?: string | undefined;
  /** A business date, today when absent. */
  receivedOn?: string | undefined;
}

/** The key of a request goes with the person whom it is about, else with the request. */
const scopeOf = (tenantId: string, request: { id: string; personId: string | null }): KeyScope => ({
  tenantId,
  class: 'privacy',
  subjectId: request.personId ?? request.id,
});
const placeOf = (id: string, column: string) => ({ table: 'privacy.request', column, rowId: id });

/** Takes a request down; it is due in a month. Throws `not_found` for a person of elsewhere, `request.malformed` for a date to come. */
export async function openRequest(context: Context, input: RequestInput): Promise<PrivacyRequest> {
  const { tenant, clock } = context;
  const today = todayIn(clock, tenant.timeZone);
  const receivedOn = input.receivedOn ?? today;
  if (receivedOn > today) {
    throw new Problem('request.malformed', { errors: [{ path: 'receivedOn', message: 'lies in the future' }] });
  }
  const id = context.newId();
  const personId = input.personId ?? null;
  const scope = scopeOf(tenant.id, { id, personId });
  return context.db.transact(context, async (tx) => {
    if (personId) await getPerson(tx, personId);
    const contact = await keyring().seal(scope, placeOf(id, 'contact'), input.contact);
    const asked = input.asked ? await keyring().seal(scope, placeOf(id, 'asked'), input.asked) : null;
    const dueOn = monthsLater(receivedOn, dueMonths);
    await insertRequest(tx, { id, kind: input.kind, personId, contact, asked, receivedOn, dueOn });
    await noteStep(tx, id, 'opened', null);
    await recordAudit(tx, {
      action: 'privacy.request_opened',
      entityType: 'privacy_request',
      entityId: id,
      after: { kind: input.kind, personId, receivedOn, dueOn },
    });
    return shown(tx, await findRequest(tx, tenant.id, id));
  });
}

/** Notes what was done about a request or a breach in the running transaction. */
export async function noteStep(
  tx: TenantTx<Context>,
  subjectId: string,
  what: string,
  note: string | null,
): Promise<void> {
  const { tenant, actor, clock, newId } = tx.context;
  await insertStep(tx, { tenantId: tenant.id, id: newId(), subjectId, what, note, actorId: actor.id, at: clock.now() });
}

async function shown(tx: TenantTx, row: RequestRow): Promise<PrivacyRequest> {
  const [item] = await shownAll(tx, [row]);
  if (!item) throw new Error('one row gives one request');
  return item;
}

async function shownAll(tx: TenantTx, rows: readonly RequestRow[]): Promise<PrivacyRequest[]> {
  const names = await namesByIds(
    tx,
    rows.flatMap(({ personId }) => personId ?? []),
  );
  return Promise.all(
    rows.map(async (row) => ({
      ...row,
      contact: await opened(tx, row, 'contact'),
      asked: await opened(tx, row, 'asked'),
      personName: row.personId ? (names.get(row.personId) ?? null) : null,
    })),
  );
}

async function opened(tx: TenantTx, row: RequestRow, column: 'contact' | 'asked'): Promise<string | null> {
  const sealed = row[column];
  if (!sealed) return null;
  try {
    return await keyring().open(scopeOf(tx.context.tenant.id, row), placeOf(row.id, column), sealed);
  } catch (error) {
    if (error instanceof KeyErasedError) return null;
    throw error;
  }
}

/** One page of requests. */
export async function listRequests(
  tx: TenantTx,
  filter: RequestFilter,
  request: ListRequest,
): Promise<Page<PrivacyRequest>> {
  const { items, nextCursor } = await pageOfRequests(tx, filter, request);
  return { items: await shownAll(tx, items), nextCursor };
}

/** A request with its steps. Throws `not_found`. */
export async function getRequest(tx: TenantTx, id: string): Promise<PrivacyRequest & { steps: Step[] }> {
  const row = await findRequest(tx, tx.context.tenant.id, id);
  return { ...(await shown(tx, row)), steps: await stepsOf(tx, id) };
}

/** What the officer does about an open request short of what was asked for. */
export type RequestAction =
  | { action: 'check_identity'; proof: string }
  | { action: 'extend'; reason: string }
  | { action: 'refuse'; reason: string }
  | { action: 'withdraw'; reason: string }
  | { action: 'complete'; decision: string };

/**
 * Does one step about an open request. Throws `state.conflict` where it is decided already, was extended before or who
 * asked has not been checked, and `version.conflict`.
 */
export async function actOnRequest(
  context: Context,
  id: string,
  action: RequestAction,
  ifMatch: number | undefined,
): Promise<PrivacyRequest & { steps: Step[] }> {
  return context.db.transact(context, async (tx) => {
    const before = await openRequestRow(tx, id, ifMatch);
    const { change, note } = changeOf(context, before, action);
    await updateRequest(tx, context.tenant.id, before, change);
    await noteStep(tx, id, action.action, note);
    await recordAudit(tx, {
      action: `privacy.request_${pastTense[action.action]}`,
      entityType: 'privacy_request',
      entityId: id,
      before: { state: before.state, dueOn: before.dueOn },
      after: { state: change.state ?? before.state, dueOn: change.dueOn ?? before.dueOn },
      reason: note,
    });
    return getRequest(tx, id);
  });
}

const pastTense: Record<RequestAction['action'], string> = {
  check_identity: 'identity_checked',
  extend: 'extended',
  refuse: 'refused',
  withdraw: 'withdrawn',
  complete: 'completed',
};

/** An open request, locked. Throws `not_found`, `state.conflict` and `version.conflict`. */
export async function openRequestRow(
  tx: TenantTx<Context>,
  id: string,
  ifMatch: number | undefined,
): Promise<RequestRow> {
  const row = await findRequest(tx, tx.context.tenant.id, id, 'locked');
  if (ifMatch !== undefined && ifMatch !== row.version) throw new Problem('version.conflict');
  if (row.state !== 'open') throw new Problem('state.conflict', { detail: `This request is ${row.state} already.` });
  return row;
}

/** Throws `state.conflict` until it was checked who asked: data must not go, nor be lost, at a stranger's word. */
export function requireIdentity(row: RequestRow): void {
  if (row.identityCheckedAt === null) {
    throw new Problem('state.conflict', { detail: 'Check first who asked, and note how.' });
  }
}

function changeOf(context: Context, row: RequestRow, action: RequestAction): { change: RequestChange; note: string } {
  const { actor, clock } = context;
  const decided = { decidedAt: clock.now(), decidedBy: actor.id };
  switch (action.action) {
    case 'check_identity':
      return {
        note: action.proof,
        change: { identityProof: action.proof, identityCheckedAt: clock.now(), identityCheckedBy: actor.id },
      };
    case 'extend': {
      if (row.extensionReason !== null)
        throw new Problem('state.conflict', { detail: 'It was extended once already.' });
      const dueOn = monthsLater(row.receivedOn, dueMonths + extensionMonths);
      return { note: action.reason, change: { dueOn, extensionReason: action.reason } };
    }
    case 'refuse':
      return { note: action.reason, change: { state: 'refused', decision: action.reason, ...decided } };
    case 'withdraw':
      return { note: action.reason, change: { state: 'withdrawn', decision: action.reason, ...decided } };
    case 'complete':
      requireIdentity(row);
      return { note: action.decision, change: { state: 'done', decision: action.decision, ...decided } };
  }
}
