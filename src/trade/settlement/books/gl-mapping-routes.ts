import { z } from 'zod';
import { type AnyRoute, dateSchema, idSchema, route, visibleText } from '#http';
import { mechanics } from '#performance';
import { changeGlMapping } from './change-gl-mapping.ts';
import { journalMovements } from './domain/journal.ts';
import { latestGlMapping } from './gl-mapping-store.ts';

const accountSchema = z.string().trim().min(1).max(40).regex(visibleText);
const lineSchema = z.strictObject({
  movement: z.enum(journalMovements),
  mechanic: z.enum(mechanics).nullable().default(null),
  customerId: idSchema.nullable().default(null),
  debitAccount: accountSchema,
  creditAccount: accountSchema,
  costCentre: accountSchema.nullable().default(null),
});
/** More lines than every movement × mechanic for 40 customers. */
const maxLines = 2_500;
const mappingSchema = z.object({
  /** 0: the mapping that comes with the house. */
  version: z.int(),
  validFrom: dateSchema,
  lines: z.array(lineSchema),
});

/** Routes of the mapping of movements and mechanics to accounts of the general ledger. */
export const glMappingRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/gl-mappings',
    summary: 'The accounts of the general ledger that movements go to, as recorded last',
    access: 'accruals:read',
    reach: 'tenant',
    answers: { 200: mappingSchema },
    handle: async (context) => {
      const { number, ...mapping } = await context.db.read(context, latestGlMapping);
      return { version: number, body: { version: number, ...mapping } };
    },
  }),
  route({
    method: 'PUT',
    path: '/gl-mappings',
    summary: 'Record the next version of the mapping, for posting dates from a day on',
    access: 'accruals:post',
    reach: 'tenant',
    body: z.strictObject({ validFrom: dateSchema, lines: z.array(lineSchema).min(1).max(maxLines) }),
    answers: { 200: mappingSchema },
    handle: async (context, { body, ifMatch }) => {
      const { number, ...mapping } = await changeGlMapping(context, { ...body, ifMatch });
      return { version: number, body: { version: number, ...mapping } };
    },
  }),
];
