import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { keyring } from '../../keys/keyring.ts';
import { findPeople } from '../../people/people.ts';
import { confirmWaiting, waitingChanges, withdrawWaiting } from '../../policy/second-person/waiting-changes.ts';
import { type AskedProvider, applyChange, applyNew, requireWhole, waitingPlace } from './manage-providers.ts';
import { clientSecretScope, findProvider, listProviders, type Provider, sealClientSecret } from './provider-store.ts';

/** A new or changed provider that waits for a second person. */
export interface WaitingProvider {
  id: string;
  /** Of the provider, also where there is none yet. */
  providerId: string;
  happened: 'added' | 'changed';
  /** As it would be. */
  provider: Omit<Provider, 'id' | 'version'>;
  /** As it is now; null where it is new. */
  before: Provider | null;
  secretChanged: boolean;
  askedBy: { id: string; name: string };
  askedAt: Date;
}

/** What waits for somebody else, the oldest first. */
export function waitingProviders(context: Context): Promise<WaitingProvider[]> {
  return context.db.read(context, async (tx) => {
    const waiting = await waitingChanges<AskedProvider>(tx, 'single_sign_on');
    const people = await findPeople(tx, { ids: waiting.map(({ askedBy }) => askedBy) });
    const known = await listProviders(tx);
    return waiting.map(({ id, subjectId, body, secret, askedBy, askedAt }) => ({
      ...{ id, providerId: subjectId, happened: body.base === null ? 'added' : 'changed', provider: body.provider },
      before: known.find((one) => one.id === subjectId) ?? null,
      secretChanged: secret !== null,
      askedBy: { id: askedBy, name: people.find((one) => one.id === askedBy)?.name ?? askedBy },
      askedAt,
    }));
  });
}

/**
 * Puts a provider in force as somebody else asked for it. Throws as `confirmWaiting`, and `version.conflict` where the
 * provider was changed since.
 */
export async function confirmProvider(context: Context, id: string): Promise<Provider> {
  return context.db.transact(context, async (tx) => {
    const { subjectId, body, secret, askedBy } = await confirmWaiting<AskedProvider>(tx, 'single_sign_on', id);
    const clear = secret && (await keyring().open(clientSecretScope(context.tenant.id), waitingPlace(id), secret));
    const sealed = clear === null ? null : await sealClientSecret(context.tenant.id, subjectId, clear);
    if (body.base === null) {
      if (!sealed) throw new Error(`provider ${subjectId} waits without a secret`);
      const provider = { ...body.provider, id: subjectId, version: 1 };
      await requireWhole(tx, provider);
      await applyNew(tx, provider, sealed, askedBy);
      return provider;
    }
    const before = (await findProvider(tx, subjectId)) ?? notFound('provider', subjectId);
    if (before.version !== body.base) throw new Problem('version.conflict');
    const after = { ...body.provider, id: subjectId, version: before.version + 1 };
    await requireWhole(tx, after);
    await applyChange(tx, before, after, sealed, askedBy);
    return after;
  });
}

/** Withdraws what waits: the provider stays as it is. Throws `not_found`. */
export async function withdrawProvider(context: Context, id: string): Promise<void> {
  await context.db.transact(context, (tx) => withdrawWaiting(tx, 'single_sign_on', id));
}
