import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import { type Database, sql } from '#db';
import { currencyDigits } from '#money';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { keepPolicy } from '../policy/keep-policy.ts';
import { wholeReach } from '../policy/reach.ts';
import { administratorRole, predefinedRoles } from '../policy/roles.ts';
import { insertLink, linkUrl } from '../sign-in/one-time-link.ts';

/** A tenant to be; `adminEmail` absent: nobody is invited (the demo brings its own people). */
export interface TenantInput {
  slug: string;
  name?: string | undefined;
  adminEmail?: string | undefined;
  /** IANA name; UTC when absent. */
  timeZone?: string | undefined;
  /** ISO 4217 code of the house currency; USD when absent. */
  currency?: string | undefined;
  /** The address that the link points to. */
  publicUrl: string;
}

const slugForm = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const emailForm = /^[^\s@]{1,64}@[^\s@]{1,180}\.[^\s@.]{2,}$/;

function checkTenant(input: TenantInput): { timeZone: string; currency: string } {
  const refuse = (path: string, message: string): never => {
    throw new Problem('request.malformed', { detail: `${path} ${message}`, errors: [{ path, message }] });
  };
  const { timeZone = 'UTC', currency = 'USD' } = input;
  if (!slugForm.test(input.slug)) refuse('slug', 'must have up to 63 lower-case letters, digits and hyphens');
  if (input.adminEmail !== undefined && !emailForm.test(input.adminEmail)) refuse('email', 'is not an e-mail address');
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    refuse('timeZone', 'is not an IANA time zone');
  }
  currencyDigits(currency);
  return { timeZone, currency };
}

/**
 * Makes a tenant and a one-time link for its first administrator. Throws `code.taken` for a slug in use and
 * `request.malformed`. Needs the audit secret to be set.
 */
export async function createTenant(
  db: Database,
  clock: Clock,
  input: TenantInput,
): Promise<{ tenantId: string; link: string | null }> {
  const { timeZone, currency } = checkTenant(input);
  const newId = idsFrom(clock);
  const now = clock.now();
  const tenantId = newId();
  const email = input.adminEmail?.trim().toLowerCase();
  const token = await db.system(async (tx) => {
    const added = await tx.run(sql`insert into identity.tenant (id, slug, name, time_zone, currency, created_at)
      values (${tenantId}, ${input.slug}, ${input.name ?? input.slug}, ${timeZone}, ${currency}, ${now})
      on conflict (slug) do nothing`);
    if (added === 0) throw new Problem('code.taken', { detail: `There is already a tenant ${input.slug}.` });
    const link = email
      ? await insertLink(
          tx,
          {
            id: newId(),
            kind: 'setup',
            tenantId,
            personId: null,
            email,
            name: null,
            roles: [administratorRole],
            approvalLimit: '0',
            reach: wholeReach,
            createdBy: systemActorId,
          },
          now,
        )
      : undefined;
    await appendAudit(
      tx,
      { tenantId, actorId: systemActorId, requestId: newId(), at: now, newId },
      {
        action: 'tenant.created',
        entityType: 'tenant',
        entityId: tenantId,
        after: { slug: input.slug, timeZone, currency },
      },
    );
    await keepPolicy(tx, { tenantId, requestId: newId(), at: now, newId }, predefinedRoles, true);
    return link?.token;
  });
  return { tenantId, link: token === undefined ? null : linkUrl(input.publicUrl, 'setup', token) };
}
