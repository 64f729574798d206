import type { AmountLimit, Context } from '#context';
import { type ListRequest, type Page, pageOfAll, sql, type TenantTx } from '#db';
import { amountOf, type Money } from '#money';
import { notFound, Problem } from '#problem';
import type { ScopeRoots } from '#scope';
import { recordAudit } from '../audit/record-audit.ts';
import { keyring } from '../keys/keyring.ts';
import { requireSeparateDuties } from '../policy/duties/require-separate-duties.ts';
import { requireLimits, requireScope } from '../policy/reach.ts';
import { permissionsOfRoles, requireRoles } from '../policy/role-store.ts';
import { defaultApprovalLimit } from '../policy/roles.ts';
import { mailLater, type SecurityParts } from '../security-parts.ts';
import { openLink, type SealedLink } from '../sign-in/link-names.ts';
import { insertLink, linkUrl } from '../sign-in/one-time-link.ts';
import { emailIndexOf } from './person-names.ts';

/** An invitation that nobody has taken yet. */
export interface Invitation {
  id: string;
  email: string;
  name: string | null;
  roles: string[];
  createdAt: string;
  expiresAt: string;
}

/** Who is invited to what. */
export interface InvitationInput {
  /** Lower case. */
  email: string;
  name?: string | undefined;
  roles: readonly string[];
  /** In the tenant's currency; null: unlimited; absent: what their roles have by default. */
  approvalLimit?: Money | null | undefined;
  /** What they are kept to; who invites says so, also that it is everything. */
  scope: ScopeRoots;
  limits?: readonly AmountLimit[] | undefined;
}

/**
 * Invites a person by a one-time link, which is mailed, or answered where no mail server is set. A second invitation of
 * the same e-mail takes the place of the first. Throws `code.taken` for a member.
 */
export async function invitePerson(
  context: Context,
  parts: SecurityParts,
  input: InvitationInput,
): Promise<Invitation & { link: string | null }> {
  const { approvalLimit } = input;
  if (approvalLimit && approvalLimit.currency !== context.tenant.currency) {
    throw new Problem('money.currency_mismatch', {
      detail: `Limits of invitations are in ${context.tenant.currency}.`,
    });
  }
  const { currency } = context.tenant;
  const roles = [...new Set(input.roles)].sort();
  const limit = approvalLimit === undefined ? defaultApprovalLimit(roles) : approvalLimit && amountOf(approvalLimit);
  const id = context.newId();
  const now = context.clock.now();
  const emailIndex = await emailIndexOf(input.email);
  const { token, expiresAt } = await context.db.transact(context, async (tx) => {
    await requireRoles(tx, roles);
    await requireSeparateDuties(tx, await permissionsOfRoles(tx, roles), null);
    await requireStranger(tx, emailIndex);
    const reach = { scope: await requireScope(tx, input.scope), limits: requireLimits(input.limits ?? []) };
    await tx.run(sql`delete from identity.one_time_link
      where tenant_id = ${context.tenant.id} and email_index = ${emailIndex} and kind = 'invitation' and used_at is null`);
    const link = await insertLink(
      tx,
      {
        id,
        kind: 'invitation',
        tenantId: context.tenant.id,
        personId: null,
        email: input.email,
        name: input.name ?? null,
        roles,
        approvalLimit: limit,
        reach,
        createdBy: context.actor.id,
      },
      now,
    );
    await recordAudit(tx, {
      action: 'invitation.created',
      entityType: 'invitation',
      entityId: id,
      after: { roles, approvalLimit: limit === null ? null : { amount: limit, currency }, ...reach },
    });
    return link;
  });
  const link = linkUrl(parts.publicUrl, 'invitation', token);
  if (parts.mail.delivers) {
    mailLater(parts, {
      to: input.email,
      subject: 'Your invitation to TRADEAI',
      text: `${context.actor.name} invites you to TRADEAI. This link works once, until ${expiresAt.toISOString()}:\n\n${link}\n`,
    });
  }
  return {
    id,
    email: input.email,
    name: input.name ?? null,
    roles,
    createdAt: now.toISOString(),
    expiresAt: expiresAt.toISOString(),
    link: parts.mail.delivers ? null : link,
  };
}

async function requireStranger(tx: TenantTx, emailIndex: Buffer): Promise<void> {
  const member = await tx.maybe(sql`select 1 from identity.person p
    join identity.membership m on m.person_id = p.id
    where m.tenant_id = ${tx.context.tenant.id} and p.email_index = ${emailIndex}`);
  if (member) throw new Problem('code.taken', { detail: 'This person is a member already.' });
}

interface InvitationRow extends SealedLink {
  roles: string[];
  createdAt: Date;
  expiresAt: Date;
}

/** One page of the invitations that can still be taken, newest first. */
export async function listInvitations(tx: TenantTx, now: Date, request: ListRequest): Promise<Page<Invitation>> {
  const rows = await tx.many<InvitationRow>(sql`select id, person_id as "personId", email_sealed as "emailSealed",
      name_sealed as "nameSealed", roles, created_at as "createdAt", expires_at as "expiresAt"
    from identity.one_time_link where tenant_id = ${tx.context.tenant.id} and kind in ('invitation', 'setup')
      and used_at is null and expires_at > ${now}`);
  const open = rows.map(async (row) => ({
    id: row.id,
    ...(await openLink(row)),
    roles: row.roles,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
  const sortable = {
    createdAt: ({ createdAt }: Invitation) => createdAt,
    email: ({ email }: Invitation) => email,
  };
  return pageOfAll(await Promise.all(open), { sortable, defaultSort: '-createdAt' }, request);
}

/** Takes an invitation back. Throws `not_found` where it was taken or is another tenant's. */
export async function withdrawInvitation(context: Context, id: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const deleted = await tx.run(sql`delete from identity.one_time_link
      where tenant_id = ${context.tenant.id} and id = ${id} and used_at is null`);
    if (deleted === 0) notFound('open invitation', id);
    await recordAudit(tx, { action: 'invitation.withdrawn', entityType: 'invitation', entityId: id });
  });
  await keyring().eraseSubject(id);
}
