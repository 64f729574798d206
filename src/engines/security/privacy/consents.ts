import type { Context } from '#context';
import type { ListRequest, Page, TenantTx } from '#db';
import { Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { getPerson } from '../people/list-people.ts';
import { namesByIds } from '../people/person-names.ts';
import { type Consent, currentConsent, insertConsent, pageOfConsents } from './consent-store.ts';

/** A consent with whose it is. */
export type NamedConsent = Consent & { personName: string };

/** What somebody agreed to, or takes back. */
export type ConsentInput = Pick<Consent, 'personId' | 'purpose' | 'given' | 'wording' | 'source'>;

/**
 * Records that a person gave or withdrew a consent; nothing that was recorded changes. Throws `not_found`, and
 * `state.conflict` for a withdrawal of what was never given.
 */
export async function recordConsent(context: Context, input: ConsentInput): Promise<NamedConsent> {
  return context.db.transact(context, async (tx) => {
    const person = await getPerson(tx, input.personId);
    const current = await currentConsent(tx, input.personId, input.purpose);
    if (!input.given && !current?.given) {
      throw new Problem('state.conflict', { detail: 'There is no consent to withdraw.' });
    }
    const consent = { ...input, id: context.newId(), recordedBy: context.actor.id, recordedAt: context.clock.now() };
    await insertConsent(tx, consent);
    const { purpose, given } = input;
    await recordAudit(tx, {
      action: given ? 'privacy.consent_given' : 'privacy.consent_withdrawn',
      entityType: 'person',
      entityId: input.personId,
      before: current ? { purpose, given: current.given } : null,
      after: { purpose, given },
    });
    return { ...consent, holds: true, personName: person.name };
  });
}

/** One page of consents and withdrawals, the newest first. */
export async function listConsents(
  tx: TenantTx,
  filter: { personId?: string | undefined },
  request: ListRequest,
): Promise<Page<NamedConsent>> {
  const { items, nextCursor } = await pageOfConsents(tx, filter, request);
  const names = await namesByIds(
    tx,
    items.map(({ personId }) => personId),
  );
  return { items: items.map((one) => ({ ...one, personName: names.get(one.personId) ?? '' })), nextCursor };
}
