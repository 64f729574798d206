import { isDeepStrictEqual } from 'node:util';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../../audit/record-audit.ts';
import { recordSecurityEvent } from '../../detection/record-security-event.ts';
import { keyring } from '../../keys/keyring.ts';
import { requireScope } from '../../policy/reach.ts';
import { requireRoles } from '../../policy/role-store.ts';
import { askSecondPerson, hasSecondPerson } from '../../policy/second-person/waiting-changes.ts';
import {
  clientSecretScope,
  deleteProvider,
  findProvider,
  insertProvider,
  type Provider,
  sealClientSecret,
  updateProvider,
} from './provider-store.ts';

/** A provider as an administrator describes it. */
export interface ProviderInput extends Omit<Provider, 'id' | 'version'> {
  clientSecret: string;
}

/** Throws `rule.violated` for roles that are none, and where people join without anybody having said what they may see. */
export async function requireWhole(tx: TenantTx, { roleMap, joins, joinScope }: Provider): Promise<void> {
  await requireRoles(tx, Object.values(roleMap));
  if (joinScope) await requireScope(tx, joinScope);
  else if (joins) {
    throw new Problem('rule.violated', {
      detail: 'Say what people who join may see: some customers and products, or all of them.',
      errors: [{ path: 'joinScope', message: 'is needed where people join' }],
    });
  }
}

type Tx = TenantTx<Context>;

/** A provider that somebody asked for: as it would be, and the version that it changes; null: it is new. */
export interface AskedProvider {
  provider: Omit<Provider, 'id' | 'version'>;
  base: number | null;
}

/** Where a client secret waits for the second person. */
export const waitingPlace = (id: string) => ({ table: 'identity.waiting_change', column: 'secret', rowId: id });

/** What came of an administrator's wish: it is in force, or waits for a second person under an id. */
export type ManagedProvider = { inForce: Provider } | { waiting: string };

const factsOf = ({ id: _id, version: _version, ...facts }: Provider) => facts;

/** Tells detection: whoever runs a provider signs in as every member for whom it vouches. */
async function tellProvider(
  tx: Tx,
  id: string,
  happened: 'added' | 'changed' | 'asked to be added' | 'asked to be changed',
): Promise<void> {
  const { actor } = tx.context;
  await recordSecurityEvent(tx, { kind: 'provider.changed', personId: actor.id, subjectId: id, detail: { happened } });
}

/** Puts a new provider in force; by whom it was asked for, where a second person confirmed it. */
export async function applyNew(tx: Tx, provider: Provider, sealed: Buffer, askedBy?: string): Promise<void> {
  await insertProvider(tx, provider, sealed, tx.context.clock.now());
  await recordAudit(tx, {
    action: 'single_sign_on.added',
    entityType: 'single_sign_on',
    entityId: provider.id,
    after: { ...factsOf(provider), askedBy },
  });
}

/** Puts a changed provider in force; by whom it was asked for, where a second person confirmed it. */
export async function applyChange(
  tx: Tx,
  before: Provider,
  after: Provider,
  sealed: Buffer | null,
  askedBy?: string,
): Promise<void> {
  await updateProvider(tx, after, sealed);
  await recordAudit(tx, {
    action: 'single_sign_on.changed',
    entityType: 'single_sign_on',
    entityId: after.id,
    before: factsOf(before),
    after: { ...factsOf(after), secretChanged: sealed !== null, askedBy },
  });
}

/** Leaves a provider to a second person: nothing about signing in changes until then. */
async function ask(
  tx: Tx,
  provider: Provider,
  base: number | null,
  secret: string | undefined,
): Promise<ManagedProvider> {
  const { tenant } = tx.context;
  const id = tx.context.newId();
  const sealed =
    secret === undefined ? null : await keyring().seal(clientSecretScope(tenant.id), waitingPlace(id), secret);
  const body: AskedProvider = { provider: factsOf(provider), base };
  await askSecondPerson(tx, 'single_sign_on', { id, subjectId: provider.id, body, secret: sealed });
  await tellProvider(tx, provider.id, base === null ? 'asked to be added' : 'asked to be changed');
  return { waiting: id };
}

/**
 * Lets a tenant's people sign in through an OpenID provider, once a second person has confirmed it where there is one.
 * Throws as {@link requireWhole}.
 */
export async function addProvider(context: Context, input: ProviderInput): Promise<ManagedProvider> {
  const { clientSecret, ...facts } = input;
  const provider: Provider = { ...facts, id: context.newId(), version: 1 };
  const sealed = await sealClientSecret(context.tenant.id, provider.id, clientSecret);
  return context.db.transact(context, async (tx) => {
    await requireWhole(tx, provider);
    if (await hasSecondPerson(tx, 'users:manage')) return ask(tx, provider, null, clientSecret);
    await applyNew(tx, provider, sealed);
    await tellProvider(tx, provider.id, 'added');
    return { inForce: provider };
  });
}

/** What may change of a provider: not its issuer, which says whom it speaks of. */
export type ProviderChange = { [Key in keyof Omit<ProviderInput, 'issuer'>]?: ProviderInput[Key] | undefined };

/** Whether a change lets nobody in who could not come in before: another name, or out of use. */
function isHarmless(before: Provider, after: Provider, newSecret: boolean): boolean {
  const { name: _name, enabled, version: _version, ...rest } = before;
  const { name: _other, enabled: stays, version: _next, ...changed } = after;
  return !newSecret && (enabled || !stays) && isDeepStrictEqual(rest, changed);
}

/**
 * Changes a provider, once a second person has confirmed it where there is one and it could let somebody in. Throws
 * `not_found`, `version.conflict` and `rule.violated`.
 */
export async function changeProvider(
  context: Context,
  id: string,
  change: ProviderChange,
  ifMatch: number | undefined,
): Promise<ManagedProvider> {
  const { clientSecret, ...facts } = change;
  const sealed = clientSecret === undefined ? null : await sealClientSecret(context.tenant.id, id, clientSecret);
  return context.db.transact(context, async (tx) => {
    const before = (await findProvider(tx, id)) ?? notFound('provider', id);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
    const after: Provider = { ...before, ...given, version: before.version + 1 };
    await requireWhole(tx, after);
    const harmless = isHarmless(before, after, sealed !== null);
    if (!harmless && (await hasSecondPerson(tx, 'users:manage'))) return ask(tx, after, before.version, clientSecret);
    await applyChange(tx, before, after, sealed);
    if (!harmless) await tellProvider(tx, id, 'changed');
    return { inForce: after };
  });
}

/** Removes a provider: nobody signs in through it any more. Open sessions go on. Throws `not_found`. */
export async function removeProvider(context: Context, id: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    if (!(await deleteProvider(tx, id))) notFound('provider', id);
    await recordAudit(tx, { action: 'single_sign_on.removed', entityType: 'single_sign_on', entityId: id });
  });
}
