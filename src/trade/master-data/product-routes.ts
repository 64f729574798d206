import { z } from 'zod';
import {
  type AnyRoute,
  codeSchema,
  idParams,
  idSchema,
  instantSchema,
  listQueryShape,
  moneySchema,
  nameSchema,
  pageOf,
  route,
} from '#http';
import { notFound } from '#problem';
import { changeProduct } from './change-product.ts';
import { createProduct } from './create-product.ts';
import { parentFilter, parentQuery } from './customer-routes.ts';
import { findProducts, listProducts } from './product-store.ts';

const productSchema = z.object({
  id: idSchema,
  code: z.string(),
  name: z.string(),
  parentId: idSchema.nullable(),
  level: z.string(),
  own: z.boolean(),
  unitsPerCase: z.string().nullable(),
  listPrice: moneySchema.nullable(),
  cost: moneySchema.nullable(),
  version: z.number().int(),
});

/** A count of units in a pack: above zero. */
export const packSizeSchema = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be a decimal string')
  .refine((text) => /[1-9]/.test(text), 'must be above zero');
const priceSchema = moneySchema.refine(({ amount }) => !amount.startsWith('-'), 'must not be negative');

const writable = {
  name: nameSchema,
  parentId: idSchema.nullable().optional(),
  level: codeSchema,
  own: z.boolean().optional(),
  unitsPerCase: packSizeSchema.optional(),
};

const list = route({
  method: 'GET',
  path: '/products',
  summary: 'Products of the tree, by code; as tree and prices stood at an instant where `asOf` is given',
  access: 'products:read',
  query: z.strictObject({
    ...listQueryShape,
    parentId: parentQuery,
    level: codeSchema.optional(),
    own: z.enum(['true', 'false']).optional(),
    search: nameSchema.optional(),
    asOf: instantSchema.optional(),
  }),
  answers: { 200: pageOf(productSchema) },
  handle: async (context, { query }) => {
    const { parentId, level, own, search, asOf, ...request } = query;
    const ownOnly = own === undefined ? undefined : own === 'true';
    const filter = { parentId: parentFilter(parentId), level, own: ownOnly, search, asOf };
    return { body: await context.db.read(context, (tx) => listProducts(tx, filter, request)) };
  },
});

const create = route({
  method: 'POST',
  path: '/products',
  summary: 'Create a product',
  access: 'products:write',
  body: z
    .strictObject({ ...writable, code: codeSchema, listPrice: priceSchema.optional(), cost: priceSchema.optional() })
    .refine((body) => (body.listPrice === undefined) === (body.cost === undefined), {
      path: ['cost'],
      message: 'list price and cost come together',
    })
    .refine((body) => body.listPrice?.currency === body.cost?.currency, {
      path: ['cost'],
      message: 'must be in the currency of the list price',
    })
    .refine((body) => body.listPrice === undefined || /[1-9]/.test(body.listPrice.amount), {
      path: ['listPrice'],
      message: 'must be above zero',
    }),
  answers: { 201: productSchema },
  handle: async (context, { body }) => {
    const product = await createProduct(context, body);
    return { version: product.version, body: product };
  },
});

const get = route({
  method: 'GET',
  path: '/products/:id',
  summary: 'Read a product',
  access: 'products:read',
  params: idParams,
  answers: { 200: productSchema },
  handle: async (context, { params }) => {
    const [product] = await context.db.read(context, (tx) => findProducts(tx, { ids: [params.id] }));
    if (!product) return notFound('product', params.id);
    return { version: product.version, body: product };
  },
});

const change = route({
  method: 'PATCH',
  path: '/products/:id',
  summary: 'Change a product; takes If-Match. A new case size holds from today',
  access: 'products:write',
  params: idParams,
  body: z.strictObject(writable).partial(),
  answers: { 200: productSchema },
  handle: async (context, { params, body, ifMatch }) => {
    const product = await changeProduct(context, params.id, body, ifMatch);
    return { version: product.version, body: product };
  },
});

/** `/products`. */
export const productRoutes: readonly AnyRoute[] = [list, create, get, change];
