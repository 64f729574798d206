import { z } from 'zod';
import { emailSchema } from '../sign-in/auth-schemas.ts';
import { ScimError } from './scim-error.ts';

/** What a provisioning system may say of a person, as far as it is kept. Absent: not said. */
export interface UserChange {
  email?: string;
  name?: string;
  active?: boolean;
  externalId?: string | null;
}

const nameText = z.string().trim().min(1).max(200);
const boolean = z.union([
  z.boolean(),
  // Entra ID sends booleans as words.
  z.enum(['True', 'False', 'true', 'false']).transform((text) => text.toLowerCase() === 'true'),
]);
const externalId = z.string().min(1).max(200).nullable();
/** RFC 7643 section 4.1: attributes of a user that exist, and that are not kept here. */
const notKept =
  /^(schemas|id|meta|groups|nickname|profileurl|title|usertype|preferredlanguage|locale|timezone|password|phonenumbers|ims|photos|addresses|entitlements|roles|x509certificates|urn:.*)$/;

function parsed<T>(schema: z.ZodType<T>, value: unknown, attribute: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ScimError(400, `${attribute}: ${result.error.issues[0]?.message ?? 'is wrong'}`, 'invalidValue');
}

const nameSchema = z.object({
  formatted: nameText.optional(),
  givenName: nameText.optional(),
  familyName: nameText.optional(),
});
const emailsSchema = z
  .array(z.object({ value: z.string().max(254), primary: boolean.optional(), type: z.string().optional() }))
  .max(20);

/** The name that a resource gives, however it gives it. */
function nameOf(name: z.infer<typeof nameSchema>): string | undefined {
  return name.formatted ?? ([name.givenName, name.familyName].filter(Boolean).join(' ') || undefined);
}

/**
 * What a whole resource says (POST, PUT). The user name is the e-mail with which people sign in; where it is none, the
 * primary e-mail is. Throws `invalidValue`.
 */
export function changeOfResource(body: unknown): UserChange & { email: string } {
  const resource = z.record(z.string(), z.unknown()).safeParse(body);
  if (!resource.success) throw new ScimError(400, 'A user is a JSON object.', 'invalidSyntax');
  const by = new Map(Object.entries(resource.data).map(([key, value]) => [key.toLowerCase(), value]));
  const userName = parsed(z.string().trim().min(1).max(254), by.get('username'), 'userName');
  const emails = by.has('emails') ? parsed(emailsSchema, by.get('emails'), 'emails') : [];
  const primary = emails.find((one) => one.primary)?.value ?? emails[0]?.value;
  const asEmail = emailSchema.safeParse(userName);
  const email = asEmail.success ? asEmail.data : parsed(emailSchema, primary, 'userName');
  const display = by.get('displayname');
  const named = by.has('name') ? nameOf(parsed(nameSchema, by.get('name'), 'name')) : undefined;
  const name = named ?? (display ? parsed(nameText, display, 'displayName') : undefined);
  return {
    email,
    ...(name === undefined ? {} : { name }),
    ...(by.has('active') ? { active: parsed(boolean, by.get('active'), 'active') } : {}),
    ...(by.has('externalid') ? { externalId: parsed(externalId, by.get('externalid'), 'externalId') } : {}),
  };
}

const patchSchema = z.object({
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .transform((op) => op.toLowerCase())
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().max(200).optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(100),
});

/** The operations of a PATCH (RFC 7644 section 3.5.2). Throws `invalidSyntax`. */
export function operationsOf(body: unknown): z.infer<typeof patchSchema>['Operations'] {
  const result = patchSchema.safeParse(body);
  if (result.success) return result.data.Operations;
  throw new ScimError(400, 'A PATCH holds Operations with op, path and value.', 'invalidSyntax');
}

/** What the operations of a PATCH say of a user whose name is `current` so far. Throws `invalidPath`, `invalidValue`. */
export function changeOfPatch(body: unknown, current: { name: string }): UserChange {
  const change: UserChange = {};
  for (const { op, path, value } of operationsOf(body)) {
    if (path === undefined) {
      const members = parsed(z.record(z.string(), z.unknown()), value, 'value');
      for (const [key, one] of Object.entries(members)) applyAt(change, key, op, one, current);
    } else applyAt(change, path, op, value, current);
  }
  return change;
}

function applyAt(change: UserChange, path: string, op: string, value: unknown, current: { name: string }): void {
  const at = path.toLowerCase().replace(/^urn:ietf:params:scim:schemas:core:2\.0:user:/, '');
  if (op === 'remove') {
    if (at === 'externalid') change.externalId = null;
    else if (!notKept.test(at.replace(/[.[].*$/, '')))
      throw new ScimError(400, `${path} cannot be removed.`, 'mutability');
    return;
  }
  const [given, family] = splitName(change.name ?? current.name);
  if (at === 'active') change.active = parsed(boolean, value, path);
  else if (at === 'username' || /^emails(\[.*\])?(\.value)?$/.test(at)) applyEmail(change, at, value, path);
  else if (at === 'displayname' || at === 'name.formatted') change.name = parsed(nameText, value, path);
  else if (at === 'name.givenname') change.name = `${parsed(nameText, value, path)} ${family}`.trim();
  else if (at === 'name.familyname') change.name = `${given} ${parsed(nameText, value, path)}`.trim();
  else if (at === 'name') change.name = nameOf(parsed(nameSchema, value, path)) ?? change.name ?? current.name;
  else if (at === 'externalid') change.externalId = parsed(externalId, value, path);
  else if (!notKept.test(at.replace(/[.[].*$/, '')))
    throw new ScimError(400, `There is no attribute ${path}.`, 'invalidPath');
}

/** People sign in with the user name; other e-mails that a system keeps of them are not kept here. */
function applyEmail(change: UserChange, at: string, value: unknown, path: string): void {
  if (at === 'username') change.email = parsed(emailSchema, value, path);
}

function splitName(name: string): [given: string, family: string] {
  const words = name.split(' ');
  return words.length < 2 ? [name, ''] : [words.slice(0, -1).join(' '), words.at(-1) ?? ''];
}
