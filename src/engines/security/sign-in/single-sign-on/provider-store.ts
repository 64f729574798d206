import type { TenantFacts } from '#context';
import { sql, type TenantTx, type Tx } from '#db';
import type { ScopeRoots } from '#scope';
import { keyring } from '../../keys/keyring.ts';

/** A tenant's OpenID provider, without its secret. */
export interface Provider {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  enabled: boolean;
  /** Whether somebody new becomes a member at their first sign-in. */
  joins: boolean;
  /** The part that whoever joins is kept to; null: nobody has said, and nobody joins. */
  joinScope: ScopeRoots | null;
  /** Domains whose e-mails the provider may speak for; empty: any. */
  emailDomains: string[];
  /** The claim that names groups; null: roles are given here. */
  roleClaim: string | null;
  /** Value of the claim → role. */
  roleMap: Record<string, string>;
  version: number;
}

/** A provider with what a sign-in needs of it. */
export interface SignInProvider extends Provider {
  tenant: TenantFacts;
  /** Sealed. */
  clientSecret: Buffer;
}

const columns = sql`v.id, v.name, v.issuer, v.client_id as "clientId", v.enabled, v.joins, v.join_scope as "joinScope", v.email_domains as "emailDomains",
  v.role_claim as "roleClaim", v.role_map as "roleMap", v.version`;
/** The key of client secrets. */
export const clientSecretScope = (tenantId: string) => ({ tenantId, class: 'single-sign-on' }) as const;
const placeOf = (id: string) => ({ table: 'identity.single_sign_on', column: 'client_secret', rowId: id });

/** Seals a client secret for its row. */
export function sealClientSecret(tenantId: string, id: string, secret: string): Promise<Buffer> {
  return keyring().seal(clientSecretScope(tenantId), placeOf(id), secret);
}

/** Opens a provider's client secret. */
export function openClientSecret(provider: SignInProvider): Promise<string> {
  return keyring().open(clientSecretScope(provider.tenant.id), placeOf(provider.id), provider.clientSecret);
}

/** The tenant's providers by name. */
export async function listProviders(tx: TenantTx): Promise<Provider[]> {
  return tx.many<Provider>(sql`select ${columns} from identity.single_sign_on v
    where v.tenant_id = ${tx.context.tenant.id} order by v.name, v.id`);
}

/** A provider of the tenant, locked. */
export async function findProvider(tx: TenantTx, id: string): Promise<Provider | undefined> {
  return tx.maybe<Provider>(sql`select ${columns} from identity.single_sign_on v
    where v.tenant_id = ${tx.context.tenant.id} and v.id = ${id} for update`);
}

/** Stores a new provider. */
export async function insertProvider(tx: TenantTx, provider: Provider, clientSecret: Buffer, now: Date): Promise<void> {
  const { id, name, issuer, clientId, enabled, joins, joinScope, emailDomains, roleClaim, roleMap } = provider;
  await tx.run(sql`insert into identity.single_sign_on (tenant_id, id, name, issuer, client_id, client_secret, enabled, joins,
      join_scope, email_domains, role_claim, role_map, created_at)
    values (${tx.context.tenant.id}, ${id}, ${name}, ${issuer}, ${clientId}, ${clientSecret}, ${enabled}, ${joins},
      ${joinScope && JSON.stringify(joinScope)}, ${emailDomains}, ${roleClaim}, ${JSON.stringify(roleMap)}, ${now})`);
}

/** Stores what changed of a provider; the secret where a new one is given. */
export async function updateProvider(tx: TenantTx, provider: Provider, clientSecret: Buffer | null): Promise<void> {
  const { id, name, clientId, enabled, joins, joinScope, emailDomains, roleClaim, roleMap, version } = provider;
  await tx.run(sql`update identity.single_sign_on set name = ${name}, client_id = ${clientId}, enabled = ${enabled},
      joins = ${joins}, join_scope = ${joinScope && JSON.stringify(joinScope)}, email_domains = ${emailDomains}, role_claim = ${roleClaim}, role_map = ${JSON.stringify(roleMap)},
      version = ${version}, client_secret = coalesce(${clientSecret}, client_secret)
    where tenant_id = ${tx.context.tenant.id} and id = ${id}`);
}

/** Removes a provider with whom it stood for; false where there is none. */
export async function deleteProvider(tx: TenantTx, id: string): Promise<boolean> {
  const { tenant } = tx.context;
  return (await tx.run(sql`delete from identity.single_sign_on where tenant_id = ${tenant.id} and id = ${id}`)) > 0;
}

/** What the sign-in page offers for a tenant: names only; nothing for a tenant that is not there. */
export async function offeredProviders(tx: Tx, slug: string): Promise<{ id: string; name: string }[]> {
  return tx.many<{ id: string; name: string }>(sql`select v.id, v.name from identity.single_sign_on v
    join identity.tenant t on t.id = v.tenant_id where t.slug = ${slug} and v.enabled order by v.name, v.id`);
}

type SignInRow = Omit<SignInProvider, 'tenant'> & {
  tenantId: string;
  slug: string;
  timeZone: string;
  currency: string;
};

/** An enabled provider of any tenant. */
export async function findSignInProvider(tx: Tx, id: string): Promise<SignInProvider | undefined> {
  const row =
    await tx.maybe<SignInRow>(sql`select ${columns}, v.client_secret as "clientSecret", t.id as "tenantId", t.slug,
      t.time_zone as "timeZone", t.currency
    from identity.single_sign_on v join identity.tenant t on t.id = v.tenant_id where v.id = ${id} and v.enabled`);
  if (!row) return undefined;
  const { tenantId, slug, timeZone, currency, ...provider } = row;
  return { ...provider, tenant: { id: tenantId, slug, timeZone, currency } };
}

/** Whom a provider means by a subject. */
export async function findSubject(tx: Tx, provider: SignInProvider, subject: string): Promise<string | undefined> {
  const known = await tx.maybe<{
    personId: string;
  }>(sql`select person_id as "personId" from identity.single_sign_on_person
    where tenant_id = ${provider.tenant.id} and provider_id = ${provider.id} and subject = ${subject}`);
  return known?.personId;
}

/** Fixes whom a provider means by a subject; another sign-in of the same person may have done so at the same time. */
export async function bindSubject(
  tx: Tx,
  provider: SignInProvider,
  subject: string,
  personId: string,
  now: Date,
): Promise<void> {
  await tx.run(sql`insert into identity.single_sign_on_person (tenant_id, provider_id, subject, person_id, created_at)
    values (${provider.tenant.id}, ${provider.id}, ${subject}, ${personId}, ${now}) on conflict do nothing`);
}
