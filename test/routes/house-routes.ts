import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { InjectOptions } from 'fastify';
import pg from 'pg';
import { type AnyRoute, makeHttpServer } from '#http';
import { type Permission, permissions } from '#module';
import { makeOutbound } from '#outbound';
import { type ScopeRoots, scopeOf } from '#scope';
import { createSecurity, makeMailer, predefinedRoles, sealAudit } from '#security';
import { makeLogger } from '#telemetry';
import { modules } from '../../src/apps/modules.ts';
import { type TestHouse, testHouse, testSecretKey, testTenants } from '../house.ts';
import { type Call, makeSmallTrade, type SmallTrade } from '../journeys/small-trade.ts';
import { addStranger } from '../people.ts';
import { decisionDraft } from './examples.ts';

/** The ids of a tenant's things, by what they are. */
export type Things = SmallTrade & Awaited<ReturnType<typeof makeRest>>;

/** Every route of the product on one server, with a small trade in each of the two tenants. */
export interface RouteHouse {
  house: TestHouse;
  routes: readonly AnyRoute[];
  /** The same ids in tenant a and in tenant b. */
  trade: Record<'a' | 'b', Things>;
  /**
   * A request of tenant a or b with every permission (`a`), with one (`a/funds:read`), with those of a role
   * (`a/role=auditor`), kept to a part (`a/customer=<id>`, `a/product=<id>`), or of nobody (null).
   */
  request(token: string | null, options: InjectOptions): Promise<Reply>;
  /** The same for JSON. */
  calling(token: string): Call;
  /** How many rows each table holds, seen by the owner. */
  countRows(): Promise<Record<string, number>>;
}

/** An answer as these tests look at it. */
export interface Reply {
  status: number;
  type: string;
  headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: a stranger's view of JSON
  body: any;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Tables whose rows say that somebody knocked or read, not that something was done. */
const notBusiness = /^(identity\.(challenge|login_attempt)$|platform\.idempotency_key$|security\.event)/;

async function readCounts(owner: pg.Client): Promise<Record<string, number>> {
  const { rows } = await owner.query<{ name: string }>(`
    select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = relnamespace
    where relkind = 'r' and nspname !~ '^pg_' and nspname not in ('information_schema', 'graphile_worker') order by 1`);
  const counts: Record<string, number> = {};
  for (const { name } of rows) {
    if (notBusiness.test(name)) continue;
    const counted = await owner.query<{ n: number }>(`select count(*)::int as n from ${name}`);
    counts[name] = counted.rows[0]?.n ?? 0;
  }
  return counts;
}

const approvalBody = JSON.stringify({
  ...{ code: 'promotion-approval', title: 'Approval' },
  steps: [{ name: 'authority', title: 'A', candidates: { permission: 'promotions:approve' }, dueHours: 48 }],
});

/** It begins and ends. */
const trialProcess = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:test">
  <process id="trial" name="Trial" isExecutable="true">
    <startEvent id="s" /><sequenceFlow id="f" sourceRef="s" targetRef="e" /><endEvent id="e" />
  </process>
</definitions>`;

/** What only a running house would give: an open task, an import, a model, a person, an invitation, a role. */
async function makeRest(
  house: TestHouse,
  owner: pg.Client,
  tenantId: string,
  actorId: string,
  call: Call,
  trade: SmallTrade,
) {
  const name = tenantId.slice(-1);
  const ids = {
    taskId: randomUUID(),
    importId: randomUUID(),
    modelId: randomUUID(),
    userId: randomUUID(),
    absenceId: randomUUID(),
  };
  const timerId = randomUUID();
  const [instanceId, deciderId, workflowIncidentId] = [randomUUID(), randomUUID(), randomUUID()];
  const plannerId = randomUUID();
  const mailId = randomUUID();
  await addStranger(house, { id: ids.userId, name: 'P', email: `p@${name}.example` });
  await addStranger(house, { id: deciderId, name: 'D', email: `d@${name}.example` });
  await addStranger(house, { id: plannerId, name: 'M', email: `m@${name}.example` });
  await addStranger(house, { id: actorId, name: 'Test', email: `t@${name}.example` });
  await owner.query(
    `insert into workflow.definition values ('${tenantId}', 'promotion-approval', 'h', '${approvalBody}', now());
     insert into workflow.instance (tenant_id, id, definition, definition_hash, subject_type, subject_id, state, step, variables, makers, title, summary, started_at)
       values ('${tenantId}', '${instanceId}', 'promotion-approval', 'h', 'promotion', '${trade.promotionId}', 'running', 'authority', '{}', '{}', 'T', '{}', now());
     insert into workflow.incident (tenant_id, id, instance_id, token, node, message, raised_at)
       values ('${tenantId}', '${workflowIncidentId}', '${instanceId}', 2, 'authority', 'M', now());
     insert into workflow.task (tenant_id, id, instance_id, step, state, due_at, created_at, routing)
       values ('${tenantId}', '${ids.taskId}', '${instanceId}', 'authority', 'open', now(), now(), '{}');
     insert into workflow.candidate (tenant_id, task_id, person_id) values ('${tenantId}', '${ids.taskId}', '${actorId}');
     insert into workflow.attachment values
       ('${tenantId}', '${ids.taskId}', '${instanceId}', '${ids.taskId}', 'p.pdf', 'application/pdf', 1, 's', '${actorId}', now());
     insert into workflow.attachment_chunk values ('${tenantId}', '${ids.taskId}', 0, 'p');
     insert into workflow.mail (tenant_id, id, task_id, person_id, kind, happened_at, digest, state, send_at, ended_at)
       values ('${tenantId}', '${mailId}', '${ids.taskId}', '${actorId}', 'opened', now(), false, 'failed', now(), now());
     insert into workflow.absence (tenant_id, id, person_id, starts_on, ends_on, begins_at, ends_at, made_at, made_by)
       values ('${tenantId}', '${ids.absenceId}', '${ids.userId}', '2026-09-01', '2026-09-18', '2026-09-01', '2026-09-19', now(), '${actorId}');
     insert into timer.timer (tenant_id, id, kind, subject_id, due_at, data, attempts, error, failed_at)
       values ('${tenantId}', '${timerId}', 'test', '${ids.taskId}', now(), '{}', 10, 'E', now());
     insert into master_data.import_run (tenant_id, id, kind, file_name, status, actor_id, created_at)
       values ('${tenantId}', '${ids.importId}', 'customers', 'c.csv', 'finished', gen_random_uuid(), now());
     insert into performance.model_version (tenant_id, id, kind, number, status, requested_by, requested_at)
       values ('${tenantId}', '${ids.modelId}', 'promotion-response', 1, 'failed', gen_random_uuid(), now());
     insert into identity.membership (tenant_id, person_id, roles, approval_currency, created_at)
       values ('${tenantId}', '${ids.userId}', '{auditor}', 'USD', now());
     insert into identity.membership (tenant_id, person_id, roles, approval_currency, created_at)
       values ('${tenantId}', '${actorId}', '{}', 'USD', now());
     insert into identity.membership (tenant_id, person_id, roles, approval_limit, approval_currency, created_at)
       values ('${tenantId}', '${deciderId}', '{finance_controller}', null, 'USD', now()),
         ('${tenantId}', '${plannerId}', '{trade_marketing_manager}', null, 'USD', now())`,
  );
  const live = { code: 'LIVE', name: 'Live', kind: 'live_accrual', currency: 'USD' };
  const liveFund = await call('POST', '/funds', { ...live, validFrom: '2026-01-01', validTo: '2026-12-31' });
  const invited = await call('POST', '/users/invitations', {
    email: `new@${name}.example`,
    roles: ['auditor'],
    scope: { customers: null, products: null },
  });
  const item = {
    customerId: trade.storeId,
    reference: 'D-1',
    amount: { amount: '5.00', currency: 'USD' },
    takenOn: '2026-06-01',
  };
  const periodId = (await call('POST', '/periods', { on: '2026-06-15' })).body.id as string;
  const deductionId = (await call('POST', '/deductions', item)).body.id as string;
  const claimId = (await call('POST', '/claims', item)).body.id as string;
  const [journalId, accrualRunId] = [randomUUID(), randomUUID()];
  await owner.query(`
    insert into settlement.accrual_run (tenant_id, id, period_id, state, started_by, started_at, heartbeat_at, finished_at)
      values ('${tenantId}', '${accrualRunId}', '${periodId}', 'finished', gen_random_uuid(), now(), now(), now());
    insert into settlement.journal (tenant_id, id, kind, period_id, currency, total, prepared_by, prepared_at)
      values ('${tenantId}', '${journalId}', 'accrual', '${periodId}', 'USD', 5, gen_random_uuid(), now());
    insert into settlement.journal_line (tenant_id, journal_id, position, account, side, amount, customer_id) values
      ('${tenantId}', '${journalId}', 1, 'promotional_allowances', 'debit', 5, '${trade.storeId}'),
      ('${tenantId}', '${journalId}', 2, 'accrued_trade_liability', 'credit', 5, '${trade.storeId}')`);
  // One id fills both parameters of an address: a paper has that of its item.
  await owner.query(`
    insert into settlement.attachment (tenant_id, id, item_id, purpose, file_name, media_type, bytes, sha256, attached_by, attached_at)
      select tenant_id, id, id, 'other', 'p.csv', 'text/csv', 4, 'h', gen_random_uuid(), now() from settlement.item
      where id in ('${deductionId}', '${claimId}');
    insert into settlement.attachment_chunk (tenant_id, attachment_id, position, bytes)
      select tenant_id, id, 0, 'a,b' from settlement.attachment where id in ('${deductionId}', '${claimId}')`);
  const books = { periodId, deductionId, claimId, journalId, accrualRunId };
  // One id fills both parameters of an address: the amendment has that of its promotion.
  const templateId = randomUUID();
  const figures =
    '{"startsOn": "2026-09-07", "endsOn": "2026-09-20", "spend": null, "netProfit": null, "netRoi": null}';
  await owner.query(`
    insert into promotions.amendment (tenant_id, id, promotion_id, number, state, reason, base_version, tolerance_version,
        beyond, terms, changes, figures_before, figures_after, plan, makers, proposed_by, proposed_at)
      select tenant_id, promotion_id, promotion_id, 1, 'withdrawn', 'R', 1, 0, '{}', '{"tactics": []}', '[]', '${figures}',
        '${figures}', plan, '{}', gen_random_uuid(), now()
      from promotions.plan_record where promotion_id = '${trade.promotionId}';
    insert into promotions.template (tenant_id, id, name, terms, source_promotion_id, created_by, created_at)
      values ('${tenantId}', '${templateId}', 'T', '{"tactics": []}', '${trade.promotionId}', gen_random_uuid(), now())`);
  const agreed = await call('POST', '/terms', {
    ...{ code: 'A', name: 'Terms', customerId: trade.retailerId, currency: 'USD', validFrom: '2026-01-01' },
    lines: [
      { code: 'ON', kind: 'on_invoice', basis: 'percent_of_list', rate: '3', payment: 'on_invoice' },
      { code: 'PALLETS', kind: 'conditional', basis: 'per_case', rate: '1', condition: 'full', payment: 'yearly' },
    ],
  });
  const agreementId = agreed.body.id as string;
  await owner.query(
    `update terms.agreement_version set agreed_by = gen_random_uuid(), agreed_at = now() where agreement_id = '${agreementId}'`,
  );
  const planned = await call('POST', '/account-plans', { name: 'P', customerId: trade.retailerId, fiscalYear: 2026 });
  const accountPlanId = planned.body.id as string;
  await call('POST', `/account-plans/${accountPlanId}/calculate`);
  const scenarioId = (await call('POST', '/scenarios', { planId: accountPlanId, name: 'S' })).body.id as string;
  const plans = { accountPlanId, scenarioId };
  const [serviceAccountId, providerId] = [randomUUID(), randomUUID()];
  const [waitingProviderId, waitingKeepingId] = [randomUUID(), randomUUID()];
  const waiting = {
    provider: {
      ...{
        name: 'Provider',
        issuer: `https://login.${name}.example`,
        clientId: 'tradeai',
        enabled: true,
        joins: false,
      },
      ...{ joinScope: null, emailDomains: [], roleClaim: null, roleMap: {} },
    },
    base: 2,
  };
  // One id fills both parameters of an address: the key has that of its service account.
  await owner.query(`
    insert into identity.service_account (tenant_id, id, name, permissions, created_by, created_at)
      values ('${tenantId}', '${serviceAccountId}', 'Program ${name}', '{promotions:read}', gen_random_uuid(), now());
    insert into identity.api_key (tenant_id, id, service_account_id, name, hint, token_hash, permissions, created_by, created_at, expires_at)
      values ('${tenantId}', '${serviceAccountId}', '${serviceAccountId}', 'Key', 'tak_', '${name}', '{promotions:read}', gen_random_uuid(), now(), now() + interval '30 days');
    insert into identity.single_sign_on (tenant_id, id, name, issuer, client_id, client_secret, created_at)
      values ('${tenantId}', '${providerId}', 'Provider', 'https://login.${name}.example', 'tradeai', '', now());
    insert into identity.waiting_change (tenant_id, id, kind, subject_id, body, asked_by, asked_at) values
      ('${tenantId}', '${waitingProviderId}', 'single_sign_on', '${providerId}', '${JSON.stringify(waiting)}', gen_random_uuid(), now()),
      ('${tenantId}', '${waitingKeepingId}', 'retention', 'financial', '{"keepDays": 400}', gen_random_uuid(), now())`);
  const drafted = await call('POST', '/workflows/processes', { bpmn: trialProcess });
  const processId = drafted.body.items[0].id as string;
  const decisionId = (await call('POST', '/workflows/decisions', decisionDraft)).body.id as string;
  const replayId = (await call('POST', `/workflows/processes/${processId}/replays`, {})).body.id as string;
  await call('POST', `/workflows/processes/${processId}/publish`);
  const incidentId = randomUUID();
  await owner.query(`
    insert into security.incident (tenant_id, id, rule, rules, about, severity, score, reasons, first_at, last_at, raised_at)
      values ('${tenantId}', '${incidentId}', 'brute-force', '{brute-force}', '{person:${ids.userId}}', 'high', 6, '[]', now(), now(), now());
    insert into security.remedy (tenant_id, id, incident_id, kind, target, state, at)
      values ('${tenantId}', '${incidentId}', '${incidentId}', 'step_up', '${ids.userId}', 'taken', now())`);
  const roleCode = `reader_${name}`;
  await call('POST', '/roles', { code: roleCode, name: 'Reader', permissions: ['promotions:read'] });
  const exception = { personId: ids.userId, conflict: 'promotion.make-approve', reason: 'holidays' };
  const asked = await call('POST', '/compliance/duties/exceptions', { ...exception, expiresOn: '2026-12-31' });
  const exceptionId = asked.body.id as string;
  const finding = { framework: 'SOX', title: 'T', detail: 'D', severity: 'low', ownerId: null, dueOn: '2026-08-01' };
  const findingId = (await call('POST', '/compliance/findings', finding)).body.id as string;
  const legalHoldId = (await call('POST', '/audit/legal-holds', { note: 'a dispute' })).body.id as string;
  const verificationId = (await call('POST', '/audit/verifications')).body.id as string;
  await sealAudit({ ...house, secretKey: testSecretKey }, async () => undefined, assert.ifError);
  const auditEntryId = (await call('GET', '/audit?limit=1')).body.items[0].id as string;
  const liveFundId = liveFund.body.id as string;
  const access = { kind: 'access', personId: ids.userId, contact: 'P, by post' };
  const privacyRequestId = (await call('POST', '/privacy/requests', access)).body.id as string;
  await call('POST', `/privacy/requests/${privacyRequestId}/act`, { action: 'check_identity', proof: 'Passport' });
  const breach = { title: 'Lost laptop', whatHappened: 'On a train' };
  const breachId = (await call('POST', '/privacy/breaches', breach)).body.id as string;
  return {
    ...ids,
    timerId,
    ...{ instanceId, workflowIncidentId, processId, decisionId, replayId, mailId },
    ...{ findingId, legalHoldId, verificationId, auditEntryId },
    liveFundId,
    ...books,
    ...plans,
    agreementId,
    templateId,
    serviceAccountId,
    ...{ providerId, waitingProviderId, waitingKeepingId },
    invitationId: invited.body.id as string,
    roleCode,
    privacyRequestId,
    breachId,
    incidentId,
    exceptionId,
  };
}

/** The permissions of a token: all, those of a role (`role=auditor`), or the one that it names. */
function heldBy(granted: string | undefined): ReadonlySet<string> {
  const role = granted?.startsWith('role=') ? granted.slice('role='.length) : undefined;
  if (role) return new Set(predefinedRoles.find(({ code }) => code === role)?.permissions);
  return new Set(granted && !granted.includes('=') ? [granted.replace('.', ':')] : permissions);
}

/** What a token is kept to: `customer=<id>` or `product=<id>`. */
function keptTo(granted: string | undefined): ScopeRoots {
  const [side, id] = granted?.split('=') ?? [];
  return { customers: side === 'customer' && id ? [id] : null, products: side === 'product' && id ? [id] : null };
}

/** Boots every route on a database of its own. */
export async function routeHouse(t: TestContext): Promise<RouteHouse> {
  const house = await testHouse(t);
  const log = makeLogger('silent');
  const security = createSecurity({
    ...{ db: house.db, clock: house.clock, secretKey: testSecretKey, log, publicUrl: 'http://localhost:3000' },
    outbound: makeOutbound({ allowPrivate: false }),
    mail: makeMailer({ smtpUrl: undefined, from: 'a@b.example', announce: () => undefined }),
  });
  const routes = [...security.routes, ...modules.flatMap((module) => module.routes ?? [])];
  const actorIds = { a: randomUUID(), b: randomUUID() };
  const app = await makeHttpServer({
    ...{ db: house.db, clock: house.clock, log, routes, trustProxy: false },
    authenticate: async (bearer) => {
      const [name, granted] = bearer.split('/') as ['a' | 'b', string | undefined];
      const tenant = testTenants[name];
      const scope = await scopeOf(house.db, { tenant }, keptTo(granted), house.clock.now());
      const actor = {
        kind: 'user',
        id: actorIds[name],
        name: 'Test',
        roles: [],
        permissions: heldBy(granted),
        scope,
      } as const;
      const signIn = { id: actorIds[name], provedAt: house.clock.now(), provedBy: 'password', demand: null };
      return { tenant, actor, signIn };
    },
  });
  const owner = new pg.Client({ connectionString: house.url });
  // The database is dropped under it.
  owner.on('error', () => undefined);
  await owner.connect();
  t.after(async () => {
    await app.close();
    await owner.end();
    await security.close();
  });
  const request: RouteHouse['request'] = async (token, options) => {
    const response = await app.inject({
      ...options,
      headers: { ...(token ? { authorization: `Bearer ${token.replace(':', '.')}` } : {}), ...options.headers },
    });
    return {
      status: response.statusCode,
      type: String(response.headers['content-type'] ?? ''),
      headers: response.headers,
      body: parsed(response.body),
    };
  };
  const calling =
    (token: string): Call =>
    async (method, path, body, headers = {}) => {
      const payload = body === undefined ? {} : { payload: body as object };
      return request(token, { method, url: `/api/v1${path}`, headers, ...payload });
    };
  const trade = {} as RouteHouse['trade'];
  for (const name of ['a', 'b'] as const) {
    const call = calling(name);
    const small = await makeSmallTrade(call, 2026);
    trade[name] = { ...small, ...(await makeRest(house, owner, testTenants[name].id, actorIds[name], call, small)) };
  }
  return { house, routes, trade, request, calling, countRows: () => readCounts(owner) };
}

/** The address of a route with a parameter filled in. */
export function urlOf(path: string, value: string): string {
  return `/api/v1${path.replace(/:\w+/g, value)}`;
}

/** A permission that does not open `route`. */
export function otherPermission(route: AnyRoute): Permission {
  return route.access === 'privacy:manage' ? 'audit:read' : 'privacy:manage';
}
