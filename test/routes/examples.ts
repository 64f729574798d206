import type { AnyRoute } from '#http';
import { leaflet } from '../journeys/small-trade.ts';
import type { Things } from './house-routes.ts';

/** A process of one step. */
export const processSteps = {
  ...{ code: 'listing', title: 'Listing' },
  steps: [{ name: 'finance', title: 'Finance', candidates: { permission: 'claims:settle' }, dueHours: 48 }],
};

/** A decision of one row. */
export const decisionDraft = {
  ...{ code: 'limit', title: 'Limit', inputs: [{ name: 'spend', type: 'number' }] },
  table: {
    ...{
      kind: 'table',
      hitPolicy: 'F',
      inputs: [{ expression: 'spend' }],
      outputs: [{ name: 'who' }],
      annotations: [],
    },
    rules: [{ id: 'all', conditions: ['-'], results: ['"sales"'], notes: [] }],
  },
};

const everything = { customers: null, products: null };

/** The thing that a route's path parameter names. */
export function subjectOf(route: AnyRoute, things: Things): string {
  const byStart: [start: string, id: string][] = [
    ['/customers/', things.retailerId],
    ['/account-plans/', things.accountPlanId],
    ['/scenarios/', things.scenarioId],
    ['/products/', things.skuId],
    ['/calendars/', things.calendarId],
    ['/funds/:id/rates', things.liveFundId],
    ['/funds/', things.fundId],
    ['/terms/', things.agreementId],
    ['/promotions/templates/', things.templateId],
    ['/promotions/', things.promotionId],
    ['/tasks/', things.taskId],
    ['/absences/', things.absenceId],
    ['/workflows/timers/', things.timerId],
    ['/workflows/instances/', things.instanceId],
    ['/workflows/processes/', things.processId],
    ['/workflows/decisions/', things.decisionId],
    ['/workflows/replays/', things.replayId],
    ['/workflows/incidents/', things.workflowIncidentId],
    ['/workflows/mails/', things.mailId],
    ['/imports/', things.importId],
    ['/ml/models/', things.modelId],
    ['/users/invitations/', things.invitationId],
    ['/users/', things.userId],
    ['/compliance/controls/', 'access.nobody-dormant'],
    ['/compliance/reports/', 'SOX'],
    ['/compliance/findings/', things.findingId],
    ['/compliance/duties/exceptions/', things.exceptionId],
    ['/compliance/access-review/people/', things.userId],
    ['/audit/retention/changes/', things.waitingKeepingId],
    ['/audit/legal-holds/', things.legalHoldId],
    ['/audit/verifications/', things.verificationId],
    ['/audit/', things.auditEntryId],
    ['/service-accounts/', things.serviceAccountId],
    ['/single-sign-on/changes/', things.waitingProviderId],
    ['/single-sign-on/', things.providerId],
    // One's own things: of the other tenant's they look like absent ones.
    ['/auth/', things.userId],
    ['/roles/', things.roleCode],
    ['/periods/', things.periodId],
    ['/journals/', things.journalId],
    ['/accruals/runs/', things.accrualRunId],
    ['/deductions/', things.deductionId],
    ['/claims/', things.claimId],
    ['/write-off-limits/', things.userId],
    ['/privacy/requests/', things.privacyRequestId],
    ['/privacy/breaches/', things.breachId],
    ['/security/incidents/', things.incidentId],
  ];
  const id = byStart.find(([start]) => route.path.startsWith(start))?.[1];
  if (!id) throw new Error(`no example of what ${route.path} names: add one here`);
  return id;
}

/** What people do with a deduction or a claim. */
const itemBodies = (kind: 'deductions' | 'claims'): typeof bodies => ({
  [`POST /${kind}`]: (of) => ({ customerId: of.storeId, reference: 'N', amount: usd('7.00'), takenOn: '2026-06-02' }),
  [`POST /${kind}/:id/categorise`]: () => ({ category: 'promotion', reasonCode: '22' }),
  [`POST /${kind}/:id/research`]: () => ({ note: 'no paper' }),
  [`POST /${kind}/:id/match`]: (of) => ({ matches: [{ tacticId: of.promotionId, amount: usd('1.00') }] }),
  [`POST /${kind}/:id/validate`]: () => ({ validAmount: usd('1.00'), note: 'part of it' }),
  [`POST /${kind}/:id/split`]: () => ({ parts: [{ amount: usd('2.00') }, { amount: usd('3.00') }] }),
});

/** What a privacy officer does. */
const privacyBodies: Record<string, (things: Things) => object> = {
  'POST /privacy/requests': (of) => ({ kind: 'access', personId: of.userId, contact: 'P, by post' }),
  'POST /privacy/requests/:id/act': () => ({ action: 'check_identity', proof: 'Passport' }),
  'POST /privacy/requests/:id/erase': () => ({ decision: 'Done' }),
  'POST /privacy/requests/:id/rectify': () => ({ name: 'Q', decision: 'Done' }),
  'POST /privacy/consents': (of) => ({
    personId: of.userId,
    purpose: 'Newsletter',
    given: true,
    wording: 'v1',
    source: 'form',
  }),
  'POST /privacy/breaches': () => ({ title: 'Lost laptop', whatHappened: 'On a train' }),
  'POST /privacy/breaches/:id/act': () => ({ action: 'measure', note: 'Locked from afar' }),
};

const usd = (amount: string) => ({ amount, currency: 'USD' });

const link = 't'.repeat(43);
const passkeyAnswer = { id: 'aa', rawId: 'aa', type: 'public-key', clientExtensionResults: {} };
const shownPasskey = {
  challenge: link,
  response: { ...passkeyAnswer, response: { clientDataJSON: 'aa', authenticatorData: 'aa', signature: 'aa' } },
};

/** What people and programs do about coming in. */
const signInBodies: typeof bodies = {
  'POST /auth/login/second-factor': () => ({ challenge: link, code: '123456' }),
  'POST /auth/login/passkey': () => shownPasskey,
  'POST /auth/emergency': () => ({ token: link }),
  'POST /auth/prove': () => ({ password: 'a long password' }),
  'POST /auth/prove/single-sign-on': (of) => ({ providerId: of.providerId }),
  'POST /auth/single-sign-on/begin': (of) => ({ providerId: of.providerId }),
  'POST /auth/totp/confirm': () => ({ code: '123456' }),
  'POST /auth/passkeys': () => ({
    ...{ challenge: link, name: 'Laptop' },
    response: { ...passkeyAnswer, response: { clientDataJSON: 'aa', attestationObject: 'aa' } },
  }),
  'PUT /auth/passkeys/:id/name': () => ({ name: 'Phone' }),
  'POST /auth/personal-data': () => ({ kind: 'access' }),
  'POST /auth/keys': () => ({ name: 'Key', permissions: ['promotions:read'], days: 30 }),
  'POST /service-accounts': () => ({ name: 'Program', permissions: ['promotions:read'], scope: everything }),
  'PATCH /service-accounts/:id': () => ({ permissions: ['promotions:read'] }),
  'POST /service-accounts/:id/keys': () => ({ name: 'Key', permissions: ['promotions:read'], days: 30 }),
  'PUT /sign-in-policy': () => ({ secondFactor: 'optional' }),
  'POST /single-sign-on': () => ({
    ...{ name: 'Provider', issuer: 'https://login.maker.example', clientId: 'tradeai', clientSecret: 'a-secret' },
    ...{ emailDomains: ['maker.example'], roleClaim: 'groups', roleMap: { Finance: 'auditor' } },
  }),
  'PATCH /single-sign-on/:id': () => ({ name: 'Renamed' }),
};

/** A body that the route takes, by method and path; a route that takes one and has none here fails the tests. */
const bodies: Record<string, (things: Things) => object> = {
  ...privacyBodies,
  'POST /customers/:id/onboarding': () => ({ creditLimit: usd('1.00'), note: 'N' }),
  'POST /customers': (of) => ({ code: 'N', name: 'New', type: 'store', parentId: of.retailerId }),
  'PATCH /customers/:id': () => ({ name: 'Renamed' }),
  'POST /products': (of) => ({ code: 'N', name: 'New', level: 'sku', parentId: of.categoryId, unitsPerCase: '6' }),
  'PATCH /products/:id': () => ({ name: 'Renamed' }),
  'POST /prices': (of) => ({ productId: of.skuId, listPrice: usd('9.00'), cost: usd('5.00'), validFrom: '2026-07-01' }),
  'POST /fx-rates': () => ({ type: 'plan', from: 'EUR', to: 'USD', on: '2026-07-01', rate: '1.0842' }),
  'POST /calendars': () => ({
    ...{ code: 'N', name: 'New', rule: { pattern: '4-4-5', yearStartsNear: '02-01' }, fromYear: 2026, toYear: 2026 },
  }),
  'PATCH /calendars/:id': () => ({ name: 'Renamed' }),
  'POST /account-plans': (of) => ({
    ...{ name: 'New', customerId: of.storeId, fiscalYear: 2026 },
    targets: [{ period: 1, volume: '100', contribution: '1000.00' }],
  }),
  'PATCH /account-plans/:id': () => ({ name: 'Renamed', targets: [{ period: 2, tradeSpend: '10.00' }] }),
  'POST /scenarios': (of) => ({
    ...{ planId: of.accountPlanId, name: 'New' },
    edits: [{ kind: 'include', promotionId: of.promotionId }],
  }),
  'PATCH /scenarios/:id': () => ({ name: 'Renamed', edits: [] }),
  'POST /funds': (of) => ({
    ...{ code: 'N', name: 'New', kind: 'fixed', currency: 'USD', amount: '10.00', customerId: of.retailerId },
    ...{ productId: of.categoryId, validFrom: '2026-01-01', validTo: '2026-12-31' },
  }),
  'PATCH /funds/:id': () => ({ name: 'Renamed' }),
  'POST /funds/:id/entries': () => ({ amount: usd('1.00'), note: 'more' }),
  'POST /funds/:id/rates': () => ({ per: 'case', amount: '0.25', validFrom: '2026-01-01' }),
  'POST /funds/:id/budget-requests': () => ({ amount: usd('1.00'), note: 'more' }),
  'POST /funds/:id/transfers': (of) => ({ toFundId: of.otherFundId, amount: usd('1.00'), note: 'over' }),
  'POST /terms': (of) => ({
    ...{ code: 'N', name: 'New', customerId: of.retailerId, currency: 'USD', validFrom: '2026-01-01' },
    lines: [{ code: 'ON', kind: 'on_invoice', basis: 'percent_of_list', rate: '3', payment: 'on_invoice' }],
  }),
  'PATCH /terms/:id': () => ({ validTo: '2026-12-31' }),
  'POST /terms/:id/decline': () => ({ reason: 'too much' }),
  'POST /terms/:id/conditions': () => ({ lineCode: 'PALLETS', fiscalYear: 2026, period: 6, met: true, note: 'seen' }),
  'POST /sales': (of) => ({
    facts: [{ customerId: of.storeId, productId: of.skuId, periodStart: '2026-06-01', units: '12', revenue: '30.00' }],
  }),
  'POST /promotions': (of) => leaflet(of, '2026-10-05', '2026-10-11'),
  'POST /promotions/preview': (of) => leaflet(of, '2026-10-05', '2026-10-11'),
  'PATCH /promotions/:id': (of) => leaflet(of, '2026-09-07', '2026-09-20'),
  'POST /promotions/:id/copy': () => ({ name: 'Again', startsOn: '2026-11-02', endsOn: '2026-11-08' }),
  'POST /promotions/:id/amend': () => ({ endsOn: '2026-09-21', reason: 'a day more' }),
  'POST /promotions/:id/amend/preview': () => ({ endsOn: '2026-09-21' }),
  'POST /promotions/:id/amendments/:amendmentId/withdraw': () => ({ comment: 'not now' }),
  'PUT /promotions/amendment-tolerance': () => ({ spendRatio: '0.1', dateDays: 3, productCount: 0 }),
  'POST /promotions/bulk': (of) => ({
    items: [{ id: of.promotionId }],
    action: { kind: 'shift', days: 7, reason: 'late' },
  }),
  'POST /promotions/copies': (of) => ({
    source: { promotionId: of.promotionId },
    targets: [{ customerId: of.storeId, fundSplit: [{ fundId: of.fundId, share: '1' }] }],
  }),
  'POST /promotions/templates': (of) => ({ promotionId: of.promotionId, name: 'Leaflet' }),
  'POST /promotions/:id/recall': () => ({ comment: 'not yet' }),
  'POST /promotions/:id/cancel': () => ({ reason: 'no more' }),
  'POST /promotions/:id/hold': () => ({ reason: 'wait' }),
  'POST /tasks/bulk': (of) => ({ items: [{ id: of.taskId }], outcome: 'approved' }),
  'POST /tasks/:id/pause': () => ({ reason: 'asked the customer' }),
  'POST /tasks/:id/complete': () => ({ outcome: 'approved', comment: 'fine' }),
  'POST /tasks/:id/delegate': (of) => ({ toUserId: of.userId }),
  'POST /tasks/:id/reassign': (of) => ({ toUserId: of.userId }),
  'POST /absences': (of) => ({
    ...{ personId: of.userId, substituteId: null, startsOn: '2026-08-03', endsOn: '2026-08-14' },
  }),
  'PATCH /absences/:id': () => ({ endsOn: '2026-09-20' }),
  'POST /workflows/processes': () => ({ steps: processSteps }),
  'POST /workflows/processes/check': () => ({ steps: processSteps }),
  'POST /workflows/decisions': () => decisionDraft,
  'POST /workflows/decisions/check': () => ({ draft: decisionDraft, inputs: {} }),
  'POST /workflows/decisions/:id/try': () => ({ inputs: {} }),
  'POST /workflows/decisions/:id/replays': () => ({ groupBy: 'customerName' }),
  'POST /workflows/processes/:id/replays': () => ({ groupBy: 'customerName' }),
  'POST /workflows/instances': () => ({ process: 'trial', title: 'A new item', variables: {} }),
  'POST /workflows/instances/:id/signal': () => ({ kind: 'message', name: 'paid' }),
  'POST /workflows/instances/:id/cancel': () => ({ reason: 'no more' }),
  'POST /workflows/incidents/:id/retry': () => ({ note: 'mended' }),
  'PUT /workflows/mail-choice': () => ({ choice: 'daily' }),
  'PUT /workflows/publishing': () => ({ rule: 'second' }),
  'POST /workflows/messages': () => ({ name: 'paid', messageId: 'from-outside-1' }),
  'PUT /workflows/calendars': () => ({
    ...{ code: 'branch', name: 'Branch', timeZone: 'Europe/Berlin' },
    weeks: [{ from: '2026-01-01', hours: { monday: [{ from: '08:00', to: '12:00' }] } }],
  }),
  'POST /workflows/calendars/holidays': () => ({ code: 'default', lines: '2026-12-25; Christmas Day' }),
  'POST /comments': (of) => ({ subjectType: 'promotion', subjectId: of.promotionId, text: 'why so deep?' }),
  'POST /users/invitations': () => ({
    ...{ email: 'other@c.example', name: 'Other', roles: ['auditor'], approvalLimit: usd('5.00'), scope: everything },
  }),
  'PATCH /users/:id': () => ({ roles: ['data_analyst'], approvalLimit: usd('5.00'), disabled: false }),
  'POST /compliance/findings': () => ({
    ...{ framework: 'SOX', title: 'Too wide', detail: 'See the list.', severity: 'low' },
    ...{ ownerId: null, dueOn: '2026-08-01' },
  }),
  'PATCH /compliance/findings/:id': () => ({ dueOn: '2026-09-01' }),
  'POST /compliance/duties/exceptions': (of) => ({
    ...{ personId: of.userId, conflict: 'promotion.make-approve', reason: 'holidays', expiresOn: '2026-12-31' },
  }),
  'POST /compliance/duties/exceptions/:id/decide': () => ({ outcome: 'granted', comment: 'until she is back' }),
  'POST /audit/export': () => ({ from: '2026-01-01T00:00:00Z' }),
  'POST /audit/exports': () => ({ name: 'funds', rows: 3, format: 'xlsx' }),
  'PATCH /security/incidents/:id': () => ({ state: 'acknowledged' }),
  'POST /security/incidents/:id/remedies': () => ({ kind: 'end_sessions' }),
  'PATCH /security/rules': () => ({ rule: 'brute-force', mode: 'dry_run' }),
  'PUT /audit/retention': () => ({ retentionClass: 'operational', keepDays: 120 }),
  'POST /audit/legal-holds': () => ({ note: 'a dispute' }),
  'POST /audit/legal-holds/:id/release': () => ({ note: 'settled' }),
  'POST /roles': () => ({ code: 'fresh', name: 'Fresh', permissions: ['promotions:read'] }),
  'PATCH /roles/:code': () => ({ name: 'Renamed', permissions: ['promotions:read'] }),
  'POST /periods': () => ({ on: '2026-07-15' }),
  'POST /periods/:id/close': () => ({ waive: [{ check: 'facts_complete', reason: 'known' }] }),
  'POST /periods/:id/reopen': () => ({ reason: 'a late invoice' }),
  'PUT /gl-mappings': (of) => ({
    validFrom: '2026-01-01',
    lines: [{ movement: 'accrue', customerId: of.storeId, debitAccount: '4900', creditAccount: '2150' }],
  }),
  'POST /accruals': (of) => ({ periodId: of.periodId }),
  'POST /settlements': (of) => ({ itemKind: 'claim', itemId: of.claimId, kind: 'credit_memo' }),
  'POST /settlements/together': (of) => ({ items: [{ itemKind: 'claim', itemId: of.claimId }], kind: 'credit_memo' }),
  'PUT /reason-codes': (of) => ({ customerId: of.storeId, code: '22', category: 'display', validFrom: '2026-01-01' }),
  'PUT /auto-settlement': () => ({ limit: usd('50.00') }),
  'PUT /write-off-limits/:personId': () => ({ limit: usd('50.00') }),
  'POST /deductions/:id/dispute': () => ({ note: 'not ours' }),
  'POST /deductions/:id/concede': () => ({ note: 'they were right' }),
  'POST /deductions/:id/recover': () => ({ note: 'paid back' }),
  'POST /deductions/:id/write-off': () => ({ note: 'too small' }),
  ...signInBodies,
  ...itemBodies('deductions'),
  ...itemBodies('claims'),
  'POST /auth/login': () => ({ email: 'x@y.example', password: 'wrong password', tenant: 'alpha' }),
  'POST /auth/accept': () => ({ token: 't'.repeat(43), password: 'a long password', name: 'Name' }),
  'POST /auth/forgot': () => ({ email: 'x@y.example' }),
  'POST /auth/reset': () => ({ token: 't'.repeat(43), password: 'a long password' }),
  'POST /auth/password': () => ({ password: 'a long password', newPassword: 'a longer password' }),
};

/** A body that the route takes; undefined where it takes none. */
export function bodyOf(route: AnyRoute, things: Things): object | undefined {
  if (!route.body) return undefined;
  const make = bodies[`${route.method} ${route.path}`];
  if (!make) throw new Error(`no example body of ${route.method} ${route.path}: add one here`);
  return make(things);
}
