import type { Context } from '#context';
import type { TenantTx } from '#db';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../../audit/record-audit.ts';
import { recordSecurityEvent } from '../../detection/record-security-event.ts';
import { requireScope } from '../../policy/reach.ts';
import { requireRoles } from '../../policy/role-store.ts';
import {
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

/** The provider for the audit: nothing secret. */
const auditBody = ({ id: _id, version: _version, ...facts }: Provider) => facts;

/** Throws `rule.violated` for roles that are none, and where people join without anybody having said what they may see. */
async function requireWhole(tx: TenantTx, { roleMap, joins, joinScope }: Provider): Promise<void> {
  await requireRoles(tx, Object.values(roleMap));
  if (joinScope) await requireScope(tx, joinScope);
  else if (joins) {
    throw new Problem('rule.violated', {
      detail: 'Say what people who join may see: some customers and products, or all of them.',
      errors: [{ path: 'joinScope', message: 'is needed where people join' }],
    });
  }
}

/** Tells detection: whoever runs a provider signs in as every member for whom it vouches. */
async function tellProvider(tx: TenantTx<Context>, id: string, happened: 'added' | 'changed'): Promise<void> {
  const { actor } = tx.context;
  await recordSecurityEvent(tx, { kind: 'provider.changed', personId: actor.id, subjectId: id, detail: { happened } });
}

/** Lets a tenant's people sign in through an OpenID provider. Throws as {@link requireWhole}. */
export async function addProvider(context: Context, input: ProviderInput): Promise<Provider> {
  const { clientSecret, ...facts } = input;
  const provider: Provider = { ...facts, id: context.newId(), version: 1 };
  const sealed = await sealClientSecret(context.tenant.id, provider.id, clientSecret);
  return context.db.transact(context, async (tx) => {
    await requireWhole(tx, provider);
    await insertProvider(tx, provider, sealed, context.clock.now());
    await recordAudit(tx, {
      action: 'single_sign_on.added',
      entityType: 'single_sign_on',
      entityId: provider.id,
      after: auditBody(provider),
    });
    await tellProvider(tx, provider.id, 'added');
    return provider;
  });
}

/** What may change of a provider: not its issuer, which says whom it speaks of. */
export type ProviderChange = { [Key in keyof Omit<ProviderInput, 'issuer'>]?: ProviderInput[Key] | undefined };

/** Changes a provider. Throws `not_found`, `version.conflict` and `rule.violated`. */
export async function changeProvider(
  context: Context,
  id: string,
  change: ProviderChange,
  ifMatch: number | undefined,
): Promise<Provider> {
  const { clientSecret, ...facts } = change;
  const sealed = clientSecret === undefined ? null : await sealClientSecret(context.tenant.id, id, clientSecret);
  return context.db.transact(context, async (tx) => {
    const before = (await findProvider(tx, id)) ?? notFound('provider', id);
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    const given = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
    const after: Provider = { ...before, ...given, version: before.version + 1 };
    await requireWhole(tx, after);
    await updateProvider(tx, after, sealed);
    await recordAudit(tx, {
      action: 'single_sign_on.changed',
      entityType: 'single_sign_on',
      entityId: id,
      before: auditBody(before),
      after: { ...auditBody(after), secretChanged: sealed !== null },
    });
    await tellProvider(tx, id, 'changed');
    return after;
  });
}

/** Removes a provider: nobody signs in through it any more. Open sessions go on. Throws `not_found`. */
export async function removeProvider(context: Context, id: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    if (!(await deleteProvider(tx, id))) notFound('provider', id);
    await recordAudit(tx, { action: 'single_sign_on.removed', entityType: 'single_sign_on', entityId: id });
  });
}
