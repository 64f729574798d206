import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import { type Database, sql } from '#db';
import type { Permission } from '#module';
import { Problem } from '#problem';
import { appendAudit } from '../audit/record-audit.ts';
import { hashPassword } from '../sign-in/password.ts';
import { insertPerson } from './person-names.ts';

/** A person of the demo tenant; signs in as `<login>@demo.tradeai.example`. */
interface DemoPerson {
  login: string;
  name: string;
  role: string;
  /** In USD; null: unlimited. */
  approvalLimit: string | null;
}

const readsPlans: readonly Permission[] = [
  'customers:read',
  'products:read',
  'funds:read',
  'promotions:read',
  'claims:read',
  'accruals:read',
  'analytics:read',
  'workflows:act',
];

/** What a tenant of its own making adds to the six predefined roles. */
const demoRoles: readonly { code: string; name: string; permissions: readonly Permission[] }[] = [
  {
    code: 'director',
    name: 'Sales director',
    permissions: [
      ...readsPlans,
      'funds:approve',
      'promotions:approve',
      'promotions:cancel',
      'ml:predict',
      'bulk:export',
    ],
  },
  {
    code: 'legal',
    name: 'Legal counsel',
    permissions: ['customers:read', 'products:read', 'promotions:read', 'claims:read', 'workflows:act'],
  },
  {
    code: 'executive',
    name: 'Executive',
    // Journals and the reopening of a period take a second person beside the finance controller.
    permissions: [
      ...readsPlans,
      'funds:approve',
      'promotions:approve',
      'accruals:post',
      'periods:close',
      'ml:predict',
      'bulk:export',
      'monitoring:read',
    ],
  },
];

const demoPeople: readonly DemoPerson[] = [
  { login: 'kam', name: 'Kira Almond', role: 'key_account_manager', approvalLimit: '10000' },
  { login: 'marketing', name: 'Milo Trent', role: 'trade_marketing_manager', approvalLimit: '100000' },
  { login: 'finance', name: 'Fiona Castell', role: 'finance_controller', approvalLimit: '200000' },
  { login: 'analyst', name: 'Anders Lyle', role: 'data_analyst', approvalLimit: '0' },
  { login: 'auditor', name: 'Odile Marsh', role: 'auditor', approvalLimit: '0' },
  { login: 'admin', name: 'Adam Quist', role: 'administrator', approvalLimit: '0' },
  { login: 'director', name: 'Dora Ingram', role: 'director', approvalLimit: '50000' },
  { login: 'legal', name: 'Leon Gale', role: 'legal', approvalLimit: '0' },
  { login: 'executive', name: 'Esme Vautier', role: 'executive', approvalLimit: null },
];

/** A demo person with the id that they got. */
export interface CreatedDemoPerson {
  id: string;
  login: string;
  email: string;
  name: string;
  role: string;
}

/** Fills a demo tenant with one person per role (`<login>@<domain>`), all with the same password. Call it once. */
export async function createDemoPeople(
  db: Database,
  clock: Clock,
  tenantId: string,
  password: string,
  domain = 'demo.tradeai.example',
): Promise<CreatedDemoPerson[]> {
  const newId = idsFrom(clock);
  const now = clock.now();
  const people = await Promise.all(
    demoPeople.map(async (person) => ({
      ...person,
      id: newId(),
      email: `${person.login}@${domain}`,
      hash: await hashPassword(password),
    })),
  );
  await db.system(async (tx) => {
    const scope = { tenantId, actorId: systemActorId, requestId: newId(), at: now, newId };
    for (const { code, name, permissions } of demoRoles) {
      await tx.run(sql`insert into identity.role (tenant_id, code, name, permissions, created_at)
        values (${tenantId}, ${code}, ${name}, ${[...permissions].sort()}, ${now})`);
      await appendAudit(tx, scope, {
        action: 'role.created',
        entityType: 'role',
        entityId: code,
        after: { name, permissions },
      });
    }
    for (const { id, email, name, role, approvalLimit, hash } of people) {
      if (!(await insertPerson(tx, { id, email, name, createdAt: now }))) {
        throw new Problem('code.taken', { detail: `There is already a person ${email}.` });
      }
      await tx.run(sql`insert into identity.password (person_id, hash, changed_at) values (${id}, ${hash}, ${now})`);
      await tx.run(sql`insert into identity.membership (tenant_id, person_id, roles, approval_limit, approval_currency, created_at)
        values (${tenantId}, ${id}, ${[role]}, ${approvalLimit}, 'USD', ${now})`);
      await appendAudit(tx, scope, {
        action: 'person.joined',
        entityType: 'person',
        entityId: id,
        after: { roles: [role], approvalLimit },
      });
    }
  });
  return people.map(({ id, login, email, name, role }) => ({ id, login, email, name, role }));
}
