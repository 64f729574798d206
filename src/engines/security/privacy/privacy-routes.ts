import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { todayIn } from '#clock';
import { type Context, systemActor, systemActorId } from '#context';
import type { TenantTx } from '#db';
import { type AnyRoute, idParams, listQuery, pageOf, route } from '#http';
import { Problem } from '#problem';
import { namesByIds } from '../people/person-names.ts';
import type { SecurityParts } from '../security-parts.ts';
import { type Breach, pageOfBreaches } from './breach-store.ts';
import { actOnBreach, getBreach, reportBreach } from './breaches.ts';
import { listConsents, type NamedConsent, recordConsent } from './consents.ts';
import { erasePerson, planErasure } from './erase-person.ts';
import { exportSubject, type SubjectExport } from './export-subject.ts';
import {
  actOnRequest,
  getRequest,
  listRequests,
  openRequest,
  type PrivacyRequest,
  requireIdentity,
} from './privacy-requests.ts';
import {
  breachDetailSchema,
  breachSchema,
  consentSchema,
  erasureSchema,
  privacyBodies,
  privacyQueries,
  processingSchema,
  requestDetailSchema,
  requestSchema,
} from './privacy-schemas.ts';
import { processingRecord } from './processing.ts';
import { rectifyPerson } from './rectify-person.ts';
import { findRequest, type Step } from './request-store.ts';
import { personalDataOfHouse } from './teach-personal-data.ts';

type Named = { steps: readonly Step[] };

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Steps with the names of those who took them. */
async function stepBodies(tx: TenantTx, { steps }: Named) {
  const names = await namesByIds(
    tx,
    steps.map(({ actorId }) => actorId),
  );
  const nameOf = (id: string) => (id === systemActorId ? systemActor.name : (names.get(id) ?? 'Unknown'));
  return steps.map((step) => ({ ...step, actorName: nameOf(step.actorId), at: step.at.toISOString() }));
}

function requestBody(request: PrivacyRequest, today: string) {
  const { identityCheckedBy: _checked, decidedBy: _decided, openedBy: _opened, ...rest } = request;
  return {
    ...rest,
    ...{ identityCheckedAt: iso(request.identityCheckedAt), decidedAt: iso(request.decidedAt) },
    ...{ openedAt: request.openedAt.toISOString(), overdue: request.state === 'open' && request.dueOn < today },
  };
}

const today = (context: Context): string => todayIn(context.clock, context.tenant.timeZone);

async function detail(context: Context, id: string) {
  return context.db.read(context, async (tx) => {
    const request = await getRequest(tx, id);
    const body = { ...requestBody(request, today(context)), steps: await stepBodies(tx, request) };
    return { version: request.version, body };
  });
}

function breachBody({ reportedBy: _reported, ...breach }: Breach) {
  return {
    ...breach,
    ...{ awareAt: breach.awareAt.toISOString(), dueAt: breach.dueAt.toISOString(), closedAt: iso(breach.closedAt) },
    ...{ authorityToldAt: iso(breach.authorityToldAt), peopleToldAt: iso(breach.peopleToldAt) },
  };
}

async function breachDetail(context: Context, breach: Breach & Named) {
  const steps = await context.db.read(context, (tx) => stepBodies(tx, breach));
  return { version: breach.version, body: { ...breachBody(breach), steps } };
}

const consentBody = ({ recordedBy: _recorded, ...consent }: NamedConsent) => ({
  ...consent,
  recordedAt: consent.recordedAt.toISOString(),
});

/** `/privacy`: requests of data subjects, consents, breaches and the record of processing. */
export function privacyRoutes(parts: SecurityParts): AnyRoute[] {
  return [...requestRoutes, ...decisionRoutes(parts), ownDataRoute, ...consentRoutes, ...breachRoutes, processingRoute];
}

const requestRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/privacy/requests',
    summary: 'Requests of data subjects, what is due first at the top',
    access: 'privacy:manage',
    query: privacyQueries.requests,
    answers: { 200: pageOf(requestSchema) },
    handle: async (context, { query }) => {
      const page = await context.db.read(context, (tx) => listRequests(tx, query, query));
      return { body: { ...page, items: page.items.map((item) => requestBody(item, today(context))) } };
    },
  }),
  route({
    method: 'POST',
    path: '/privacy/requests',
    summary: 'Take down what a data subject asks for; it is due in a month',
    access: 'privacy:manage',
    body: privacyBodies.request,
    answers: { 201: requestDetailSchema },
    handle: async (context, { body }) => detail(context, (await openRequest(context, body)).id),
  }),
  route({
    method: 'GET',
    path: '/privacy/requests/:id',
    summary: 'A request with its steps',
    access: 'privacy:manage',
    params: idParams,
    answers: { 200: requestDetailSchema },
    handle: async (context, { params }) => detail(context, params.id),
  }),
  route({
    method: 'POST',
    path: '/privacy/requests/:id/act',
    summary: 'Check who asked, extend once, refuse, withdraw or complete',
    access: 'privacy:manage',
    params: idParams,
    body: privacyBodies.act,
    answers: { 200: requestDetailSchema },
    handle: async (context, { params, body, ifMatch }) => {
      await actOnRequest(context, params.id, body, ifMatch);
      return detail(context, params.id);
    },
  }),
];

function decisionRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      // It is noted who took it, so it is no mere reading.
      method: 'POST',
      path: '/privacy/requests/:id/export',
      summary: 'Everything held of the person of an access or portability request, as a ZIP of JSON and CSV',
      access: 'privacy:manage',
      params: idParams,
      secretAnswer: true,
      answers: { 200: null },
      handle: async (context, { params, reply }) => handOut(reply, await exportOf(context, params.id)),
    }),
    route({
      method: 'GET',
      path: '/privacy/requests/:id/erasure',
      summary: 'What an erasure would delete and keep, table by table, and what stands in the way',
      access: 'privacy:manage',
      params: idParams,
      answers: { 200: erasureSchema },
      handle: async (context, { params }) => {
        const request = await context.db.read(context, (tx) => findRequest(tx, context.tenant.id, params.id));
        const none = { personId: '', everywhere: false, lines: [], obstacles: ['It is about nobody with an account.'] };
        if (!request.personId) return { body: none };
        return { body: await planErasure(context, personalDataOfHouse(), request.personId) };
      },
    }),
    route({
      method: 'POST',
      path: '/privacy/requests/:id/erase',
      summary: 'Erase the person: sign-in and names go, their key is destroyed, what must stay stays under an id',
      access: 'privacy:manage',
      proof: 'recent',
      params: idParams,
      body: privacyBodies.erase,
      answers: { 200: requestDetailSchema },
      handle: async (context, { params, body, ifMatch }) => {
        const { personId } = await erasePerson(context, personalDataOfHouse(), params.id, body, ifMatch);
        parts.sessions.forgetPerson(personId);
        return detail(context, params.id);
      },
    }),
    route({
      method: 'POST',
      path: '/privacy/requests/:id/rectify',
      summary: 'Correct the name or e-mail of the person; what they were is kept, sealed',
      access: 'privacy:manage',
      proof: 'recent',
      params: idParams,
      body: privacyBodies.rectify,
      answers: { 200: requestDetailSchema },
      handle: async (context, { params, body, ifMatch }) => {
        await rectifyPerson(context, parts, params.id, body, ifMatch);
        return detail(context, params.id);
      },
    }),
  ];
}

async function exportOf(context: Context, id: string): Promise<SubjectExport> {
  const request = await context.db.read(context, (tx) => findRequest(tx, context.tenant.id, id));
  const { kind, personId } = request;
  if ((kind !== 'access' && kind !== 'portability') || !personId) {
    throw new Problem('rule.violated', {
      detail: 'Only access and portability of people with an account give a file.',
    });
  }
  requireIdentity(request);
  return exportSubject(context, personalDataOfHouse(), personId, kind);
}

/** An export as a file that no page can run and no cache keeps. */
function handOut(reply: FastifyReply, { fileName, bytes }: SubjectExport) {
  reply.header('content-type', 'application/zip');
  reply.header('content-disposition', `attachment; filename="${fileName}"`);
  reply.header('content-security-policy', "sandbox; default-src 'none'");
  reply.header('cache-control', 'private, no-store');
  return { body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** Whose own export is being made in this process. */
const underWay = new Set<string>();

const ownDataRoute: AnyRoute = route({
  // It is noted who took it, so it is no mere reading.
  method: 'POST',
  path: '/auth/personal-data',
  summary: 'Everything that is held of oneself, as a ZIP of JSON and CSV; one at a time',
  access: 'authenticated',
  proof: 'recent',
  secretAnswer: true,
  body: z.strictObject({ kind: z.enum(['access', 'portability']) }),
  answers: { 200: null },
  handle: async (context, { body, reply }) => {
    const { id } = context.actor;
    if (underWay.has(id)) throw new Problem('state.conflict', { detail: 'Your data is being put together already.' });
    underWay.add(id);
    try {
      return handOut(reply, await exportSubject(context, personalDataOfHouse(), id, body.kind));
    } finally {
      underWay.delete(id);
    }
  },
});

const consentRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/privacy/consents',
    summary: 'Consents and withdrawals, the newest first',
    access: 'privacy:manage',
    query: privacyQueries.consents,
    answers: { 200: pageOf(consentSchema) },
    handle: async (context, { query }) => {
      const page = await context.db.read(context, (tx) => listConsents(tx, query, query));
      return { body: { ...page, items: page.items.map(consentBody) } };
    },
  }),
  route({
    method: 'POST',
    path: '/privacy/consents',
    summary: 'Record that a person gave or withdrew a consent',
    access: 'privacy:manage',
    body: privacyBodies.consent,
    answers: { 201: consentSchema },
    handle: async (context, { body }) => ({ body: consentBody(await recordConsent(context, body)) }),
  }),
];

const breachRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/privacy/breaches',
    summary: 'Breaches of personal data with their clocks, the newest first',
    access: 'privacy:manage',
    query: listQuery,
    answers: { 200: pageOf(breachSchema) },
    handle: async (context, { query }) => {
      const page = await context.db.read(context, (tx) => pageOfBreaches(tx, query));
      return { body: { ...page, items: page.items.map(breachBody) } };
    },
  }),
  route({
    method: 'POST',
    path: '/privacy/breaches',
    summary: 'Take a breach down; 72 hours run from the awareness',
    access: 'privacy:manage',
    body: privacyBodies.breach,
    answers: { 201: breachDetailSchema },
    handle: async (context, { body }) => {
      const { title, whatHappened, risk, peopleAffected = null } = body;
      const awareAt = body.awareAt ? new Date(body.awareAt) : context.clock.now();
      const known = { title, whatHappened, risk, peopleAffected, measures: null, awareAt };
      return breachDetail(context, await reportBreach(context, known));
    },
  }),
  route({
    method: 'GET',
    path: '/privacy/breaches/:id',
    summary: 'A breach with its steps',
    access: 'privacy:manage',
    params: idParams,
    answers: { 200: breachDetailSchema },
    handle: async (context, { params }) =>
      breachDetail(context, await context.db.read(context, (tx) => getBreach(tx, params.id))),
  }),
  route({
    method: 'POST',
    path: '/privacy/breaches/:id/act',
    summary: 'Assess the risk, note a measure, tell the authority or the people, close',
    access: 'privacy:manage',
    params: idParams,
    body: privacyBodies.breachStep,
    answers: { 200: breachDetailSchema },
    handle: async (context, { params, body, ifMatch }) =>
      breachDetail(context, await actOnBreach(context, params.id, body, ifMatch)),
  }),
];

const processingRoute: AnyRoute = route({
  method: 'GET',
  path: '/privacy/processing',
  summary: 'The record of processing: which data of people, why, for how long, and what an erasure does',
  access: 'privacy:manage',
  answers: { 200: z.object({ items: z.array(processingSchema), nextCursor: z.null() }) },
  handle: async () => ({ body: { items: processingRecord(personalDataOfHouse()), nextCursor: null } }),
});
