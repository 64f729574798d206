import { sql } from '#db';
import type { Control, ControlAnswer } from '#module';
import { administratorRole } from '../policy/roles.ts';

const dayMs = 86_400_000;
/** History of sign-ins that is looked at: a mended habit shows after so long. */
const recentDays = 7;
/** A member who has not signed in for so long should not be able to. */
const dormantDays = 90;

const isolation = 'test/isolation/isolation.db.test.ts';

const byTests = (
  control: Omit<Control, 'evidence' | 'everyDays'>,
  tests: readonly { file: string; name: string }[],
): Control => ({ ...control, everyDays: 31, evidence: { kind: 'tests', tests } });

const answer = (found: readonly { id: string }[], what: string, why: string): ControlAnswer => ({
  holds: found.length === 0,
  measured: `${found.length} ${what}.`,
  exceptions: found.map(({ id }) => `person/${id}: ${why}`),
});

/** Controls that the security engine itself answers for. */
export const securityControls: readonly Control[] = [
  {
    code: 'access.administrators-prove-themselves-twice',
    frameworks: ['SOX', 'PCI_DSS', 'ASVS'],
    title: 'Administrators prove themselves twice',
    statement: `Every administrator showed a second factor, or came through the company’s own sign-in, when they last signed in, and none came in with a password alone during the last ${recentDays} days.`,
    ownerRole: 'administrator',
    severity: 'high',
    everyDays: 1,
    evidence: {
      kind: 'query',
      ask: async (tx) => {
        const since = new Date(tx.context.clock.now().getTime() - recentDays * dayMs);
        // Who has not signed in yet has shown nothing; emergency access ends by itself.
        const found = await tx.many<{ id: string; why: string }>(sql`select person_id as id,
            case when last is null then 'never signed in: nothing shown yet' else 'a password alone' end as why
          from identity.membership cross join lateral (
            select (array_agg(session.methods <@ array['password'] order by session.created_at desc))[1] as last,
              coalesce(bool_or(session.methods <@ array['password'] and session.created_at >= ${since}), false) as lately
            from identity.session where session.tenant_id = membership.tenant_id and session.person_id = membership.person_id) shown
          where tenant_id = ${tx.context.tenant.id} and disabled_at is null and expires_at is null
            and ${administratorRole} = any(roles) and (last is distinct from false or lately)
          order by 1`);
        return {
          holds: found.length === 0,
          measured: `Administrators who have not shown a second factor: ${found.length}.`,
          exceptions: found.map(({ id, why }) => `person/${id}: ${why}`),
        };
      },
    },
  },
  {
    code: 'access.nobody-dormant',
    frameworks: ['SOX', 'GDPR', 'PCI_DSS'],
    title: 'Nobody keeps access who does not use it',
    statement: `Every active member signed in during the last ${dormantDays} days, or was admitted in that time.`,
    ownerRole: 'administrator',
    severity: 'medium',
    everyDays: 7,
    evidence: {
      kind: 'query',
      ask: async (tx) => {
        const since = new Date(tx.context.clock.now().getTime() - dormantDays * dayMs);
        const found = await tx.many<{ id: string }>(sql`select person_id as id from identity.membership
          where tenant_id = ${tx.context.tenant.id} and disabled_at is null and created_at < ${since}
            and not exists (select 1 from identity.session where session.tenant_id = membership.tenant_id
              and session.person_id = membership.person_id and greatest(session.created_at, session.rotated_at) >= ${since})
          order by 1`);
        return answer(found, `active members did not sign in for ${dormantDays} days`, 'dormant');
      },
    },
  },
  {
    code: 'access.keys-are-known-to-members-only',
    frameworks: ['SOX', 'PCI_DSS', 'ASVS'],
    title: 'Nobody who left knows a key that works',
    statement: 'Every key of a program that works was made, and so read, by somebody who may still come in.',
    ownerRole: 'administrator',
    severity: 'high',
    everyDays: 1,
    evidence: {
      kind: 'query',
      ask: async (tx) => {
        const now = tx.context.clock.now();
        const found = await tx.many<{ id: string; maker: string }>(sql`select k.id, k.created_by as maker
          from identity.api_key k join identity.service_account a on a.tenant_id = k.tenant_id and a.id = k.service_account_id
          where k.tenant_id = ${tx.context.tenant.id} and k.revoked_at is null and k.expires_at > ${now}
            and a.disabled_at is null and not exists (select from identity.membership m where m.tenant_id = k.tenant_id
              and m.person_id = k.created_by and m.disabled_at is null and (m.expires_at is null or m.expires_at > ${now}))
          order by k.created_at, k.id`);
        return {
          holds: found.length === 0,
          measured: `Keys that work and that somebody has read who left: ${found.length}.`,
          exceptions: found.map(({ id, maker }) => `key/${id}: made by person/${maker}: rotate or revoke it`),
        };
      },
    },
  },
  byTests(
    {
      code: 'tests.tenants-are-isolated',
      frameworks: ['SOX', 'GDPR', 'ASVS'],
      title: 'Tenants are separated by the database',
      statement:
        'No query of one tenant reads or writes a row of another, also with the application’s own filters gone.',
      ownerRole: 'administrator',
      severity: 'high',
    },
    [
      { file: isolation, name: 'every wall between tenants stands: tables, partitions, views, keys, roles' },
      { file: isolation, name: 'a query without any filter sees the rows of its own tenant, in every table' },
      { file: isolation, name: 'nothing is written into another tenant, changed there, moved there or deleted there' },
    ],
  ),
  byTests(
    {
      code: 'tests.card-data-stays-out',
      frameworks: ['PCI_DSS'],
      title: 'No payment card data is kept',
      statement: 'Card numbers are refused in requests, quarantined in imports, and masked in logs and exports.',
      ownerRole: 'administrator',
      severity: 'high',
    },
    [
      {
        file: 'src/platform/card-data/card-data.test.ts',
        name: 'a card number is found bare, grouped as cards are, spread, and split by lines',
      },
      {
        file: 'src/trade/master-data/imports/run-import.db.test.ts',
        name: 'a row with the number of a payment card goes to quarantine, where only its last four digits stand',
      },
      {
        file: 'src/platform/telemetry/telemetry.test.ts',
        name: 'a log line holds no password, token, cookie or secret, and of a card’s number the last four digits only',
      },
      {
        file: 'src/apps/export.db.test.ts',
        name: 'a card’s number that is there all the same leaves in no export',
      },
    ],
  ),
];
