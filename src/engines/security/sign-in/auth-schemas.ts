import { z } from 'zod';
import { moneySchema, nameSchema } from '#http';
import { permissions } from '#module';
import { amountLimitSchema, scopeSchema } from '../policy/policy-schemas.ts';
import { maxPasswordLength } from './password.ts';

/** An e-mail address in lower case. */
export const emailSchema = z.string().trim().toLowerCase().max(254).pipe(z.email());
/** A password as it is typed. */
export const passwordSchema = z.string().min(1).max(maxPasswordLength);
/** The token of a one-time link. */
export const linkTokenSchema = z.string().min(20).max(100);
/** A permission of the 34. */
export const permissionSchema = z.enum(permissions);
/** A role's code: lower-case letters, digits and underscores. */
export const roleCodeSchema = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'must be lower-case letters, digits and _');
/** Roles of a person. */
export const roleCodesSchema = z.array(roleCodeSchema).min(1).max(20);
/** An approval limit that is not negative; null: unlimited. */
export const limitSchema = moneySchema
  .refine(({ amount }) => !amount.startsWith('-'), 'must not be negative')
  .nullable();

/** The signed-in person. */
export const userSchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  scope: scopeSchema,
  limits: z.array(amountLimitSchema),
  approvalLimit: moneySchema.nullable(),
  tenant: z.object({ slug: z.string(), timeZone: z.string(), currency: z.string() }),
  demand: z.enum(['proof', 'second_factor']).nullable(),
  emergencyUntil: z.string().nullable(),
});
/** The answer to every way of signing in. */
export const signedInSchema = z.object({ accessToken: z.string(), expiresInS: z.number(), user: userSchema });

/** A code as people type it: six digits, or a recovery code. */
const codeSchema = z
  .string()
  .trim()
  .min(6)
  .max(30)
  .regex(/^[A-Za-z\d\s-]+$/, 'must be six digits or a recovery code');
const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/, 'must be base64url');
/** Largest attestation or signature that an authenticator makes, as base64url. */
const longestAnswer = 16_384;
const answerShape = {
  id: base64url(1_400),
  rawId: base64url(1_400),
  type: z.literal('public-key'),
  clientExtensionResults: z.looseObject({}),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
};
/** What a browser answers when it has made a passkey (WebAuthn, `RegistrationResponseJSON`). */
const registrationSchema = z.strictObject({
  ...answerShape,
  response: z.strictObject({
    clientDataJSON: base64url(longestAnswer),
    attestationObject: base64url(longestAnswer),
    authenticatorData: base64url(longestAnswer).optional(),
    transports: z
      .array(z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']))
      .max(7)
      .optional(),
    publicKeyAlgorithm: z.number().int().optional(),
    publicKey: base64url(longestAnswer).optional(),
  }),
});
/** What a browser answers when a passkey was shown (WebAuthn, `AuthenticationResponseJSON`). */
const assertionSchema = z.strictObject({
  ...answerShape,
  response: z.strictObject({
    clientDataJSON: base64url(longestAnswer),
    authenticatorData: base64url(longestAnswer),
    signature: base64url(longestAnswer),
    userHandle: base64url(200).optional(),
  }),
});
/** A challenge that says by itself what was begun is longer than a link's token. */
const signedTokenSchema = z
  .string()
  .max(600)
  .regex(/^[\w-]+(?:\.[\w-]+)*$/, 'must be a token of ours');
const shownPasskeySchema = z.strictObject({ challenge: signedTokenSchema, response: assertionSchema });
/** A question to an authenticator: our token for the answer, and what the browser hands to it. */
export const passkeyQuestionSchema = z.object({ challenge: z.string(), options: z.looseObject({}) });

/** Bodies of the routes below `/auth`. */
export const authBodies = {
  login: z.strictObject({ email: emailSchema, password: passwordSchema, tenant: z.string().max(63).optional() }),
  secondFactor: z.strictObject({ challenge: linkTokenSchema, code: codeSchema }),
  passkey: shownPasskeySchema.extend({ tenant: z.string().max(63).optional() }),
  prove: z.union([
    z.strictObject({ password: passwordSchema }),
    z.strictObject({ code: codeSchema }),
    z.strictObject({ passkey: shownPasskeySchema }),
  ]),
  emergency: z.strictObject({ token: linkTokenSchema }),
  totpCode: z.strictObject({ code: codeSchema }),
  newPasskey: z.strictObject({ challenge: linkTokenSchema, name: nameSchema, response: registrationSchema }),
  passkeyName: z.strictObject({ name: nameSchema }),
  accept: z.strictObject({ token: linkTokenSchema, password: passwordSchema, name: nameSchema.optional() }),
  forgot: z.strictObject({ email: emailSchema }),
  reset: z.strictObject({ token: linkTokenSchema, password: passwordSchema }),
  password: z.strictObject({ password: passwordSchema, newPassword: passwordSchema }),
};
