import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Permission } from '#module';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../../audit/record-audit.ts';
import { rightsAt } from '../access-review-store.ts';
import { requireOtherHand } from '../hands.ts';
import {
  decideWaiting,
  insertWaiting,
  listWaiting,
  lockSubject,
  lockWaiting,
  readEmergencyPeople,
  type WaitingChange,
  type WaitingKind,
} from './waiting-change-store.ts';

type Tx = TenantTx<Context>;

const dayMs = 24 * 60 * 60_000;

/** What nobody confirmed within so many days has lapsed, and whoever lost the right so lately still counts as a second person. */
const openDays = 7;

const daysAgo = ({ context: { clock } }: Tx, days: number) => new Date(clock.now().getTime() - days * dayMs);

/**
 * Whether somebody else could confirm what takes a permission: another person holds it, or did within the past seven days, so
 * that nobody makes themselves the only one first. Emergency access does not count; `everywhere`: nor who is kept to a part.
 */
export async function hasSecondPerson(
  tx: Tx,
  permission: Permission,
  { everywhere = false }: { everywhere?: boolean } = {},
): Promise<boolean> {
  const emergency = await readEmergencyPeople(tx);
  for (let days = 0; days <= openDays; days++) {
    const then = await rightsAt(tx, daysAgo(tx, days));
    const others = then.filter(
      ({ personId, scope }) =>
        personId !== tx.context.actor.id &&
        !emergency.has(personId) &&
        !(everywhere && (scope.customers || scope.products)),
    );
    if (others.some(({ active, permissions }) => active && permissions.has(permission))) return true;
  }
  return false;
}

function record(
  tx: Tx,
  kind: WaitingKind,
  happened: 'asked' | 'confirmed' | 'withdrawn',
  id: string,
  after?: { subjectId: string; askedBy: string; body: unknown },
): Promise<void> {
  const facts = { action: `waiting_change.${happened}`, entityType: 'waiting_change', entityId: id };
  return recordAudit(tx, { ...facts, after: { kind, ...after } });
}

/** Keeps a change until somebody else confirms it; what was asked before about the same thing is withdrawn. */
export async function askSecondPerson<Body>(
  tx: Tx,
  kind: WaitingKind,
  change: Pick<WaitingChange<Body>, 'id' | 'subjectId' | 'body' | 'secret'>,
): Promise<WaitingChange<Body>> {
  const { actor, clock } = tx.context;
  const { subjectId, body } = change;
  await lockSubject(tx, kind, subjectId);
  for (const id of await decideWaiting(tx, kind, { subjectId }, 'withdrawn')) await record(tx, kind, 'withdrawn', id);
  const asked = { ...change, askedBy: actor.id, askedAt: clock.now() };
  await insertWaiting(tx, kind, asked);
  await record(tx, kind, 'asked', asked.id, { subjectId, body, askedBy: actor.id });
  return asked;
}

/** The changes of a kind that wait, the oldest first; what waited for more than seven days has lapsed. */
export function waitingChanges<Body>(tx: Tx, kind: WaitingKind): Promise<WaitingChange<Body>[]> {
  return listWaiting<Body>(tx, kind, daysAgo(tx, openDays));
}

/**
 * Confirms a change that somebody else asked for; what it says is the caller's to carry out, in the same transaction. Throws
 * `not_found` where it waits no more, `approval.own_work` for whoever asked, `auth.forbidden` for emergency access.
 */
export async function confirmWaiting<Body>(tx: Tx, kind: WaitingKind, id: string): Promise<WaitingChange<Body>> {
  const change = (await lockWaiting<Body>(tx, kind, id, daysAgo(tx, openDays))) ?? notFound('change that waits', id);
  const { subjectId, body, askedBy } = change;
  await requireOtherHand(tx, [askedBy], 'Somebody other than who asked for this change confirms it.');
  if ((await readEmergencyPeople(tx)).has(tx.context.actor.id)) {
    throw new Problem('auth.forbidden', { detail: 'Emergency access confirms nothing: invite an administrator.' });
  }
  await decideWaiting(tx, kind, { id }, 'confirmed');
  await record(tx, kind, 'confirmed', id, { subjectId, body, askedBy });
  return change;
}

/** Withdraws a change that waits. Throws `not_found` where it waits no more. */
export async function withdrawWaiting(tx: Tx, kind: WaitingKind, id: string): Promise<void> {
  const gone = await decideWaiting(tx, kind, { id }, 'withdrawn');
  if (gone.length === 0) notFound('change that waits', id);
  await record(tx, kind, 'withdrawn', id);
}
