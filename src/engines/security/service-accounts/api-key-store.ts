import type { AmountLimit, TenantFacts } from '#context';
import { sql, type TenantTx, type Tx } from '#db';
import type { ScopeRoots } from '#scope';
import { type Person, type PersonRow, personColumns, personTables, toPerson } from '../people/people.ts';
import type { Reach } from '../policy/reach.ts';

/** A program that calls the API. */
export interface ServiceAccount extends Reach {
  id: string;
  name: string;
  permissions: string[];
  /** What whoever joins through its directory is kept to; null: nobody has said, and nobody joins. */
  joinScope: ScopeRoots | null;
  createdAt: Date;
  disabled: boolean;
  version: number;
}

/** A key as lists show it: never the key itself. */
export interface ListedKey {
  id: string;
  name: string;
  hint: string;
  permissions: string[];
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  quarantinedAt: Date | null;
}

/** Whose key it is. */
export type KeyOwner = { serviceAccountId: string } | { personId: string };

const accountColumns = sql`id, name, permissions, created_at as "createdAt", disabled_at is not null as disabled, version,
  json_build_object('customers', scope_customers, 'products', scope_products) as scope, amount_limits as limits,
  join_scope as "joinScope"`;
const keyColumns = sql`id, name, hint, permissions, created_at as "createdAt", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt", quarantined_at as "quarantinedAt"`;

const ownedBy = (owner: KeyOwner) =>
  'personId' in owner ? sql`person_id = ${owner.personId}` : sql`service_account_id = ${owner.serviceAccountId}`;

/** The tenant's service accounts by name. */
export async function listServiceAccounts(tx: TenantTx): Promise<ServiceAccount[]> {
  return tx.many<ServiceAccount>(sql`select ${accountColumns} from identity.service_account
    where tenant_id = ${tx.context.tenant.id} order by name`);
}

/** Names of service accounts by id, of those among `ids` that are some. */
export async function serviceAccountNames(tx: TenantTx, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.many<{ id: string; name: string }>(sql`select id, name from identity.service_account
    where tenant_id = ${tx.context.tenant.id} and id = any(${[...new Set(ids)]}::uuid[])`);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** A service account, locked until the transaction ends where that is asked for. */
export async function findServiceAccount(
  tx: TenantTx,
  id: string,
  lock: 'locked' | 'unlocked' = 'unlocked',
): Promise<ServiceAccount | undefined> {
  return tx.maybe<ServiceAccount>(sql`select ${accountColumns} from identity.service_account
    where tenant_id = ${tx.context.tenant.id} and id = ${id} ${lock === 'locked' ? sql`for update` : sql``}`);
}

/** What a program may do, and how far. */
export type StoredReach = Reach & Pick<ServiceAccount, 'joinScope'> & { permissions: readonly string[] };

/** Stores a service account; false where the name is taken. */
export async function insertServiceAccount(
  tx: TenantTx,
  account: StoredReach & { id: string; name: string; createdBy: string; now: Date },
): Promise<boolean> {
  const { id, name, permissions, scope, limits, joinScope, createdBy, now } = account;
  const added =
    await tx.run(sql`insert into identity.service_account (tenant_id, id, name, permissions, scope_customers,
      scope_products, amount_limits, join_scope, created_by, created_at)
    values (${tx.context.tenant.id}, ${id}, ${name}, ${[...permissions]}, ${scope.customers}::uuid[],
      ${scope.products}::uuid[], ${JSON.stringify(limits)}, ${joinScope && JSON.stringify(joinScope)}, ${createdBy}, ${now}) on conflict do nothing`);
  return added > 0;
}

/** Stores what changed of a service account. */
export async function updateServiceAccount(
  tx: TenantTx,
  account: StoredReach & { id: string; disabled: boolean; now: Date },
): Promise<void> {
  const { id, permissions, scope, limits, joinScope, disabled, now } = account;
  await tx.run(sql`update identity.service_account set permissions = ${[...permissions]},
      scope_customers = ${scope.customers}::uuid[], scope_products = ${scope.products}::uuid[],
      amount_limits = ${JSON.stringify(limits)}, join_scope = ${joinScope && JSON.stringify(joinScope)},
      disabled_at = ${disabled ? sql`coalesce(disabled_at, ${now})` : sql`null`}, changed_at = ${now}, version = version + 1
    where tenant_id = ${tx.context.tenant.id} and id = ${id}`);
}

/** The keys of a service account or of a person, newest first. */
export async function listKeys(tx: TenantTx, owner: KeyOwner): Promise<ListedKey[]> {
  return tx.many<ListedKey>(sql`select ${keyColumns} from identity.api_key
    where tenant_id = ${tx.context.tenant.id} and ${ownedBy(owner)} order by created_at desc, id desc limit 200`);
}

/** Whose some keys are, and who made them: service accounts and people. */
export async function ownersOfKeys(tx: TenantTx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.many<{
    owner: string;
    maker: string;
  }>(sql`select coalesce(service_account_id, person_id) as owner,
      created_by as maker
    from identity.api_key where tenant_id = ${tx.context.tenant.id} and id = any (${[...ids]}::uuid[])`);
  return rows.flatMap(({ owner, maker }) => [owner, maker]);
}

/** A key of a program by its name, as whoever handles an incident meets it. */
export interface NamedKey {
  id: string;
  name: string;
  hint: string;
  serviceAccountId: string;
  program: string;
  /** Whether it opens something now. */
  works: boolean;
}

/** Those of some ids that are keys of programs, by program and name. */
export function nameProgramKeys(tx: TenantTx, ids: readonly string[], now: Date): Promise<NamedKey[]> {
  return tx.many<NamedKey>(sql`select k.id, k.name, k.hint, a.id as "serviceAccountId", a.name as program,
      k.revoked_at is null and k.quarantined_at is null and k.expires_at > ${now} and a.disabled_at is null as works
    from identity.api_key k join identity.service_account a on a.tenant_id = k.tenant_id and a.id = k.service_account_id
    where k.tenant_id = ${tx.context.tenant.id} and k.id = any (${[...ids]}::uuid[]) order by a.name, k.name, k.id`);
}

/** A key of an owner, locked; undefined for one that is not theirs. */
export async function findKey(tx: TenantTx, owner: KeyOwner, id: string): Promise<ListedKey | undefined> {
  return tx.maybe<ListedKey>(sql`select ${keyColumns} from identity.api_key
    where tenant_id = ${tx.context.tenant.id} and id = ${id} and ${ownedBy(owner)} for update`);
}

/** How many keys of an owner work. */
export async function countLiveKeys(tx: TenantTx, owner: KeyOwner, now: Date): Promise<number> {
  const { live } = await tx.one<{ live: number }>(sql`select count(*)::integer as live from identity.api_key
    where tenant_id = ${tx.context.tenant.id} and ${ownedBy(owner)} and revoked_at is null and expires_at > ${now}`);
  return live;
}

/** A key to be. */
export interface KeyToStore {
  id: string;
  owner: KeyOwner;
  name: string;
  hint: string;
  hash: Buffer;
  permissions: readonly string[];
  createdBy: string;
  now: Date;
  expiresAt: Date;
}

/** Stores a key's hash. */
export async function insertKey(tx: TenantTx, key: KeyToStore): Promise<void> {
  const { owner } = key;
  const [account, person] = 'personId' in owner ? [null, owner.personId] : [owner.serviceAccountId, null];
  await tx.run(sql`insert into identity.api_key (tenant_id, id, service_account_id, person_id, name, hint, token_hash,
      permissions, created_by, created_at, expires_at)
    values (${tx.context.tenant.id}, ${key.id}, ${account}, ${person}, ${key.name}, ${key.hint}, ${key.hash},
      ${[...key.permissions]}, ${key.createdBy}, ${key.now}, ${key.expiresAt})`);
}

/** Ends a key for good, now or (where it was rotated) a little later. */
export async function endKey(
  tx: TenantTx,
  id: string,
  at: { revokedAt: Date } | { expiresAt: Date },
  now: Date,
): Promise<void> {
  const change =
    'revokedAt' in at ? sql`revoked_at = ${at.revokedAt}` : sql`expires_at = least(expires_at, ${at.expiresAt})`;
  await tx.run(
    sql`update identity.api_key set ${change}, changed_at = ${now} where tenant_id = ${tx.context.tenant.id} and id = ${id}`,
  );
}

/** A key that opens something, with whom it speaks for. */
export interface LiveKey {
  id: string;
  permissions: string[];
  expiresAt: Date;
  tenant: TenantFacts;
  account: (Reach & { id: string; name: string; permissions: string[] }) | null;
  person: Person | null;
}

/** Why a key that is known opens nothing. */
export type KeyRefusal = 'expired' | 'revoked' | 'quarantined' | 'disabled';

interface KeyRow {
  id: string;
  tenant_id: string;
  slug: string;
  time_zone: string;
  currency: string;
  permissions: string[];
  expires_at: Date;
  revoked_at: Date | null;
  quarantined_at: Date | null;
  person_id: string | null;
  account_id: string | null;
  account_name: string;
  account_permissions: string[];
  account_disabled: boolean;
  account_customers: string[] | null;
  account_products: string[] | null;
  account_limits: AmountLimit[] | null;
}

/** The key of a hash; a reason where it is known but opens nothing; undefined where there is none. */
export async function findLiveKey(
  tx: Tx,
  hash: Buffer,
  now: Date,
): Promise<LiveKey | { id: string; tenantId: string; refusal: KeyRefusal } | undefined> {
  const row = await tx.maybe<KeyRow>(sql`select k.id, k.tenant_id, t.slug, t.time_zone, t.currency, k.permissions,
      k.expires_at, k.revoked_at, k.quarantined_at, k.person_id, a.id as account_id, a.name as account_name,
      a.permissions as account_permissions, a.disabled_at is not null as account_disabled,
      a.scope_customers as account_customers, a.scope_products as account_products, a.amount_limits as account_limits
    from identity.api_key k join identity.tenant t on t.id = k.tenant_id
    left join identity.service_account a on a.tenant_id = k.tenant_id and a.id = k.service_account_id
    where k.token_hash = ${hash}`);
  if (!row) return undefined;
  const person = row.person_id === null ? null : await findActiveMember(tx, row.tenant_id, row.person_id, now);
  const refusal = refusalOf(row, person, now);
  if (refusal) return { id: row.id, tenantId: row.tenant_id, refusal };
  return {
    id: row.id,
    permissions: row.permissions,
    expiresAt: row.expires_at,
    tenant: { id: row.tenant_id, slug: row.slug, timeZone: row.time_zone, currency: row.currency },
    account: accountOf(row),
    person: person ?? null,
  };
}

function accountOf(row: KeyRow): LiveKey['account'] {
  if (row.account_id === null) return null;
  const scope = { customers: row.account_customers, products: row.account_products };
  const { account_name: name, account_permissions: permissions, account_limits: limits } = row;
  return { id: row.account_id, name, permissions, scope, limits: limits ?? [] };
}

function refusalOf(row: KeyRow, person: Person | null | undefined, now: Date): KeyRefusal | undefined {
  if (row.revoked_at) return 'revoked';
  if (row.expires_at <= now) return 'expired';
  if (row.quarantined_at) return 'quarantined';
  return person === undefined || row.account_disabled ? 'disabled' : undefined;
}

/** A member who may come in now. */
async function findActiveMember(tx: Tx, tenantId: string, personId: string, now: Date): Promise<Person | undefined> {
  const row = await tx.maybe<PersonRow>(sql`select ${personColumns} from ${personTables}
    where m.tenant_id = ${tenantId} and m.person_id = ${personId} and m.disabled_at is null and m.locked_at is null
      and (m.expires_at is null or m.expires_at > ${now}) and p.disabled_at is null`);
  return row && toPerson(row);
}

/** Whether a member is emergency access, which ends by itself. */
export async function endsByItself(tx: TenantTx, personId: string): Promise<boolean> {
  const found = await tx.maybe(sql`select 1 from identity.membership
    where tenant_id = ${tx.context.tenant.id} and person_id = ${personId} and expires_at is not null`);
  return found !== undefined;
}

/** Notes that a key was used; answers whether that was the first time in `withinMs`. */
export async function noteUse(tx: Tx, key: LiveKey, now: Date, withinMs: number): Promise<boolean> {
  const noted = await tx.run(sql`update identity.api_key set last_used_at = ${now}
    where tenant_id = ${key.tenant.id} and id = ${key.id}
      and (last_used_at is null or last_used_at < ${new Date(now.getTime() - withinMs)})`);
  return noted > 0;
}
