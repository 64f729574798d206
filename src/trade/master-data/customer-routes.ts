import { z } from 'zod';
import {
  type AnyRoute,
  codeSchema,
  currencySchema,
  idParams,
  idSchema,
  instantSchema,
  listQueryShape,
  nameSchema,
  pageOf,
  route,
} from '#http';
import { notFound } from '#problem';
import { changeCustomer } from './change-customer.ts';
import { createCustomer } from './create-customer.ts';
import { findCustomers, listCustomers } from './customer-store.ts';

/** `parentId` of a list: an id, or `none` for the roots. */
export const parentQuery = z.union([idSchema, z.literal('none')]).optional();
/** The filter that `parentQuery` stands for. */
export function parentFilter(parentId: string | undefined): string | null | undefined {
  return parentId === 'none' ? null : parentId;
}

const customerSchema = z.object({
  id: idSchema,
  code: z.string(),
  name: z.string(),
  parentId: idSchema.nullable(),
  type: z.string(),
  channel: z.string().nullable(),
  currency: z.string(),
  version: z.number().int(),
});

const writable = {
  name: nameSchema,
  parentId: idSchema.nullable().optional(),
  type: codeSchema,
  channel: codeSchema.nullable().optional(),
  currency: currencySchema.optional(),
};

const list = route({
  method: 'GET',
  path: '/customers',
  summary: 'Customers of the tree, by code; as the tree stood at an instant where `asOf` is given',
  access: 'customers:read',
  query: z.strictObject({
    ...listQueryShape,
    parentId: parentQuery,
    type: codeSchema.optional(),
    search: nameSchema.optional(),
    asOf: instantSchema.optional(),
  }),
  answers: { 200: pageOf(customerSchema) },
  handle: async (context, { query }) => {
    const { parentId, type, search, asOf, ...request } = query;
    const filter = { parentId: parentFilter(parentId), type, search, asOf };
    return { body: await context.db.read(context, (tx) => listCustomers(tx, filter, request)) };
  },
});

const create = route({
  method: 'POST',
  path: '/customers',
  summary: 'Create a customer',
  access: 'customers:write',
  body: z.strictObject({ ...writable, code: codeSchema }),
  answers: { 201: customerSchema },
  handle: async (context, { body }) => {
    const customer = await createCustomer(context, body);
    return { version: customer.version, body: customer };
  },
});

const get = route({
  method: 'GET',
  path: '/customers/:id',
  summary: 'Read a customer',
  access: 'customers:read',
  params: idParams,
  answers: { 200: customerSchema },
  handle: async (context, { params }) => {
    const [customer] = await context.db.read(context, (tx) => findCustomers(tx, { ids: [params.id] }));
    if (!customer) return notFound('customer', params.id);
    return { version: customer.version, body: customer };
  },
});

const change = route({
  method: 'PATCH',
  path: '/customers/:id',
  summary: 'Change a customer; takes If-Match',
  access: 'customers:write',
  params: idParams,
  body: z.strictObject(writable).partial(),
  answers: { 200: customerSchema },
  handle: async (context, { params, body, ifMatch }) => {
    const customer = await changeCustomer(context, params.id, body, ifMatch);
    return { version: customer.version, body: customer };
  },
});

/** `/customers`. */
export const customerRoutes: readonly AnyRoute[] = [list, create, get, change];
