import type { ScimGroup } from './provision-groups.ts';
import type { ScimUser } from './scim-store.ts';

const core = 'urn:ietf:params:scim:schemas:core:2.0';
const userSchema = `${core}:User`;
const groupSchema = `${core}:Group`;

/** A member as RFC 7643 section 4.1 has it; `base` is where the SCIM service is. */
export function userResource(base: string, user: ScimUser) {
  const { id, email, name, active, externalId, roles, createdAt, version } = user;
  return {
    schemas: [userSchema],
    id,
    ...(externalId === null ? {} : { externalId }),
    userName: email,
    displayName: name,
    name: { formatted: name },
    emails: [{ value: email, type: 'work', primary: true }],
    active,
    groups: roles.map((role) => ({ value: role, $ref: `${base}/Groups/${role}`, type: 'direct' })),
    meta: {
      resourceType: 'User',
      created: createdAt.toISOString(),
      location: `${base}/Users/${id}`,
      version: `W/"${version}"`,
    },
  };
}

/** A role as RFC 7643 section 4.2 has a group. */
export function groupResource(base: string, { id, name, members }: ScimGroup) {
  return {
    schemas: [groupSchema],
    id,
    displayName: name,
    members: members.map((value) => ({ value, $ref: `${base}/Users/${value}`, type: 'User' })),
    meta: { resourceType: 'Group', location: `${base}/Groups/${id}` },
  };
}

/** A list (RFC 7644 section 3.4.2); `startIndex` counts from 1. */
export function listResponse(resources: readonly unknown[], total: number, startIndex: number) {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

/** What the service can do (RFC 7643 section 5). */
export const serviceProviderConfig = {
  schemas: [`${core}:ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'API key',
      description: 'The key of a service account with the permission users:manage, as a bearer token',
      primary: true,
    },
  ],
};

/** Which resources there are (RFC 7643 section 6). */
export function resourceTypes(base: string) {
  const type = (name: string, endpoint: string, schema: string) => ({
    schemas: [`${core}:ResourceType`],
    ...{ id: name, name, endpoint, schema },
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  });
  return [type('User', '/Users', userSchema), type('Group', '/Groups', groupSchema)];
}

interface Attribute {
  name: string;
  type: 'string' | 'boolean' | 'complex';
  multiValued?: boolean;
  required?: boolean;
  mutability?: 'readOnly' | 'readWrite';
  uniqueness?: 'none' | 'server';
  subAttributes?: readonly Attribute[];
}

function attribute(given: Attribute): Record<string, unknown> {
  const { subAttributes, ...own } = given;
  return {
    ...{ multiValued: false, required: false, caseExact: false, mutability: 'readWrite', returned: 'default' },
    ...{ uniqueness: 'none', ...own },
    ...(subAttributes ? { subAttributes: subAttributes.map(attribute) } : {}),
  };
}

const text = (name: string, more: Partial<Attribute> = {}): Attribute => ({ name, type: 'string', ...more });

/** The attributes that are kept (RFC 7643 section 7). */
export const schemas = [
  {
    schemas: [`${core}:Schema`],
    id: userSchema,
    name: 'User',
    attributes: [
      text('userName', { required: true, uniqueness: 'server' }),
      text('displayName'),
      text('externalId'),
      { name: 'active', type: 'boolean' } as const,
      {
        name: 'name',
        type: 'complex',
        subAttributes: [text('formatted'), text('givenName'), text('familyName')],
      } as const,
      {
        ...{ name: 'emails', type: 'complex', multiValued: true, mutability: 'readOnly' },
        subAttributes: [text('value'), text('type'), { name: 'primary', type: 'boolean' }],
      } as const,
      {
        ...{ name: 'groups', type: 'complex', multiValued: true, mutability: 'readOnly' },
        subAttributes: [text('value'), text('$ref'), text('type')],
      } as const,
    ].map((one) => attribute(one as Attribute)),
  },
  {
    schemas: [`${core}:Schema`],
    id: groupSchema,
    name: 'Group',
    attributes: [
      attribute(text('displayName', { required: true, mutability: 'readOnly' })),
      attribute({
        ...{ name: 'members', type: 'complex', multiValued: true },
        subAttributes: [text('value'), text('$ref'), text('type')],
      }),
    ],
  },
];
