import { createHash, randomBytes } from 'node:crypto';
import { sql, type Tx } from '#db';
import type { Reach } from '../policy/reach.ts';
import { openLink, type SealedLink, sealLink } from './link-names.ts';

/** What a link lets its holder do: join a tenant, be its first administrator, or choose a new password. */
export type LinkKind = 'invitation' | 'setup' | 'reset';

/** How long each kind of link works. */
export const linkLifeHours = { invitation: 7 * 24, setup: 7 * 24, reset: 1 } as const;

/** A link before it is stored. */
export interface NewLink {
  id: string;
  kind: LinkKind;
  tenantId: string | null;
  personId: string | null;
  email: string;
  name: string | null;
  roles: readonly string[];
  /** Decimal string in the tenant's currency; null: unlimited. */
  approvalLimit: string | null;
  reach: Reach;
  createdBy: string;
}

/** A stored link that still works. */
export interface OpenLink extends Omit<NewLink, 'createdBy'> {
  expiresAt: Date;
  /** The tenant's currency; null for a reset. */
  currency: string | null;
}

const reachColumns = sql`json_build_object('scope', json_build_object('customers', l.scope_customers,
    'products', l.scope_products), 'limits', l.amount_limits) as reach`;

/**
 * Stores a link's fingerprint and answers the token, which exists nowhere else, and when it expires: with emergency access
 * that sent it at the latest.
 */
export async function insertLink(tx: Tx, link: NewLink, now: Date): Promise<{ token: string; expiresAt: Date }> {
  const token = randomBytes(32).toString('base64url');
  const life = new Date(now.getTime() + linkLifeHours[link.kind] * 3_600_000);
  const sender = await tx.maybe<{ endsAt: Date | null }>(sql`select expires_at as "endsAt" from identity.membership
    where tenant_id = ${link.tenantId} and person_id = ${link.createdBy}`);
  const expiresAt = sender?.endsAt && sender.endsAt < life ? sender.endsAt : life;
  const { nameSealed, emailSealed, emailIndex } = await sealLink(link);
  await tx.run(sql`insert into identity.one_time_link (id, token_hash, kind, tenant_id, person_id, email_sealed,
      email_index, name_sealed, roles, approval_limit, scope_customers, scope_products, amount_limits,
      created_by, created_at, expires_at)
    values (${link.id}, ${fingerprint(token)}, ${link.kind}, ${link.tenantId}, ${link.personId}, ${emailSealed},
      ${emailIndex}, ${nameSealed}, ${[...link.roles]}, ${link.approvalLimit},
      ${link.reach.scope.customers}::uuid[], ${link.reach.scope.products}::uuid[], ${JSON.stringify(link.reach.limits)}, ${link.createdBy}, ${now}, ${expiresAt})`);
  return { token, expiresAt };
}

/**
 * Whoever was put out leaves no door open behind them: what they sent opens nothing while they are disabled or locked, nor
 * after their emergency access.
 */
const sentByNobodyPutOut = (now: Date) => sql`not exists (select from identity.membership sender
  where sender.tenant_id = l.tenant_id and sender.person_id = l.created_by
    and (sender.disabled_at is not null or sender.locked_at is not null or sender.expires_at <= ${now}))`;

/** The unused, unexpired link of a token, locked until the transaction ends. */
export async function findOpenLink(
  tx: Tx,
  token: string,
  kinds: readonly LinkKind[],
  now: Date,
): Promise<OpenLink | undefined> {
  const row = await tx.maybe<Omit<OpenLink, 'email' | 'name'> & SealedLink>(sql`select l.id, l.kind, ${reachColumns},
      l.tenant_id as "tenantId", l.person_id as "personId", l.email_sealed as "emailSealed", l.name_sealed as "nameSealed", l.roles, l.approval_limit as "approvalLimit", l.expires_at as "expiresAt", t.currency
    from identity.one_time_link l left join identity.tenant t on t.id = l.tenant_id
    where l.token_hash = ${fingerprint(token)} and l.kind = any(${[...kinds]}) and l.used_at is null
      and l.expires_at > ${now} and ${sentByNobodyPutOut(now)} for update of l`);
  return row && { ...row, ...(await openLink(row)) };
}

/** Spends a link. */
export async function spendLink(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.run(sql`update identity.one_time_link set used_at = ${now} where id = ${id}`);
}

/** The page of the web application that takes a link's token, behind the #: no server, proxy or log on the way sees it. */
export function linkUrl(publicUrl: string, kind: LinkKind, token: string): string {
  return new URL(`/${kind === 'reset' ? 'reset' : 'accept'}#token=${token}`, publicUrl).href;
}

function fingerprint(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
