import { z } from 'zod';

/** Values of variables in a request; the database holds no NUL. */
export const valuesSchema = z
  .record(z.string().max(200), z.json())
  .refine((values) => !JSON.stringify(values).includes('\\u0000'), 'must not hold NUL');
