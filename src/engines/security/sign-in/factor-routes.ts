import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '#context';
import { type AnyRoute, idParams, route } from '#http';
import type { SecurityParts } from '../security-parts.ts';
import { callerOf, retryAfter } from './answer-sign-in.ts';
import { authBodies, passkeyQuestionSchema } from './auth-schemas.ts';
import { beginTotp, confirmTotpEnrolment, removeTotp, renewRecoveryCodes } from './enrol-totp.ts';
import { factorsOf } from './factor-store.ts';
import { type Owner, ownerOf } from './owner.ts';
import { listPasskeys, type Passkey } from './passkey-store.ts';
import { addPasskey, askPasskey, beginPasskey, nameOwnPasskey, removePasskey } from './passkeys.ts';
import { proveAgain } from './prove-again.ts';

const passkeySchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
  backedUp: z.boolean(),
});
const factorsSchema = z.object({
  password: z.boolean(),
  totp: z.boolean(),
  recoveryCodesLeft: z.number(),
  passkeys: z.array(passkeySchema),
  /** Until when changes of these need no further proof; null: one is due now. */
  provedAt: z.string().nullable(),
});
const codesSchema = z.object({ recoveryCodes: z.array(z.string()).nullable() });

function passkeyBody({ id, name, createdAt, lastUsedAt, backedUp }: Passkey) {
  return { id, name, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null, backedUp };
}

const owner = (context: Context, request: FastifyRequest): Owner => ownerOf(context, request.authenticated?.signIn);

/** `/auth/factors` and below: what proves who one is, and proving it again. */
export function factorRoutes(parts: SecurityParts): AnyRoute[] {
  return [...proofRoutes(parts), ...totpRoutes(parts), ...passkeyRoutes(parts)];
}

function proofRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/auth/factors',
      summary: 'What proves who one is: password, code generator, passkeys, recovery codes',
      access: 'authenticated',
      proof: 'none',
      answers: { 200: factorsSchema },
      handle: async (context, { request }) => {
        const { personId } = owner(context, request);
        const { factors, passkeys } = await parts.db.system(async (tx) => ({
          factors: await factorsOf(tx, personId),
          passkeys: await listPasskeys(tx, personId),
        }));
        const { password, totp, recoveryCodes } = factors;
        const provedAt = request.authenticated?.signIn?.provedAt?.toISOString() ?? null;
        return {
          body: { password, totp, recoveryCodesLeft: recoveryCodes, passkeys: passkeys.map(passkeyBody), provedAt },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/prove',
      summary: 'Prove again who one is, for what asks for a recent proof',
      access: 'authenticated',
      proof: 'none',
      body: authBodies.prove,
      answers: { 204: null },
      handle: async (context, { body, request, reply }) => {
        await retryAfter(reply, proveAgain(parts, callerOf(request), owner(context, request), body));
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/prove/passkey-options',
      summary: 'Begin to prove by a passkey who one is',
      access: 'authenticated',
      proof: 'none',
      answers: { 200: passkeyQuestionSchema },
      handle: async (context, { request }) => ({ body: await askPasskey(parts, owner(context, request).sessionId) }),
    }),
  ];
}

/** A tenant that requires a second factor lets a session set one up and do nothing else: hence the proofs below. */
function totpRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/auth/totp',
      summary: 'Begin to set up a code generator; its secret is shown in this answer only',
      access: 'authenticated',
      proof: 'enrol',
      secretAnswer: true,
      answers: { 201: z.object({ secret: z.string(), uri: z.string() }) },
      handle: async (context, { request }) => ({ body: await beginTotp(parts, owner(context, request)) }),
    }),
    route({
      method: 'POST',
      path: '/auth/totp/confirm',
      summary: 'Put the code generator in force by its first code',
      access: 'authenticated',
      proof: 'enrol',
      secretAnswer: true,
      body: authBodies.totpCode,
      answers: { 200: codesSchema },
      handle: async (context, { body, request, reply }) => ({
        body: await retryAfter(
          reply,
          confirmTotpEnrolment(parts, callerOf(request), owner(context, request), body.code),
        ),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/auth/totp',
      summary: 'Remove one’s code generator',
      access: 'authenticated',
      proof: 'own',
      answers: { 204: null },
      handle: async (context, { request }) => {
        await removeTotp(parts, callerOf(request), owner(context, request));
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/recovery-codes',
      summary: 'Make new recovery codes; the ones before stop working',
      access: 'authenticated',
      proof: 'own',
      secretAnswer: true,
      answers: { 201: codesSchema },
      handle: async (context, { request }) => ({
        body: { recoveryCodes: await renewRecoveryCodes(parts, callerOf(request), owner(context, request)) },
      }),
    }),
  ];
}

function passkeyRoutes(parts: SecurityParts): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/auth/passkeys/options',
      summary: 'Begin to make a passkey',
      access: 'authenticated',
      proof: 'enrol',
      answers: { 200: passkeyQuestionSchema },
      handle: async (context, { request }) => ({ body: await beginPasskey(parts, owner(context, request)) }),
    }),
    route({
      method: 'POST',
      path: '/auth/passkeys',
      summary: 'Keep the passkey that the browser made',
      access: 'authenticated',
      proof: 'enrol',
      secretAnswer: true,
      body: authBodies.newPasskey,
      answers: { 200: codesSchema.extend({ passkey: passkeySchema }) },
      handle: async (context, { body, request }) => {
        const added = await addPasskey(parts, callerOf(request), owner(context, request), body);
        return { body: { passkey: passkeyBody(added.passkey), recoveryCodes: added.recoveryCodes } };
      },
    }),
    route({
      method: 'PUT',
      path: '/auth/passkeys/:id/name',
      summary: 'Give a passkey another name',
      access: 'authenticated',
      params: idParams,
      body: authBodies.passkeyName,
      answers: { 204: null },
      handle: async (context, { params, body, request }) => {
        await nameOwnPasskey(parts, owner(context, request), params.id, body.name);
        return { status: 204 };
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/passkeys/:id',
      summary: 'Remove a passkey',
      access: 'authenticated',
      proof: 'own',
      params: idParams,
      answers: { 204: null },
      handle: async (context, { params, request }) => {
        await removePasskey(parts, callerOf(request), owner(context, request), params.id);
        return { status: 204 };
      },
    }),
  ];
}
