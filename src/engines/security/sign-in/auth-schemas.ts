import { z } from 'zod';
import { moneySchema, nameSchema } from '#http';
import { permissions } from '#module';
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
  approvalLimit: moneySchema.nullable(),
  tenant: z.object({ slug: z.string(), timeZone: z.string(), currency: z.string() }),
});
/** The answer to every way of signing in. */
export const signedInSchema = z.object({ accessToken: z.string(), expiresInS: z.number(), user: userSchema });

/** Bodies of the routes below `/auth`. */
export const authBodies = {
  login: z.strictObject({ email: emailSchema, password: passwordSchema, tenant: z.string().max(63).optional() }),
  accept: z.strictObject({ token: linkTokenSchema, password: passwordSchema, name: nameSchema.optional() }),
  forgot: z.strictObject({ email: emailSchema }),
  reset: z.strictObject({ token: linkTokenSchema, password: passwordSchema }),
  password: z.strictObject({ password: passwordSchema, newPassword: passwordSchema }),
};
