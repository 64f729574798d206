import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { testHouse } from '../../../test/house.ts';
import { route } from './index.ts';

test('an optional body may be left out, and a required one may not', async (t) => {
  const house = await testHouse(t);
  const answers = { 200: z.object({ said: z.string().nullable() }) };
  const body = z.strictObject({ said: z.string() });
  const paths = { '/maybe': body.optional(), '/must': body };
  const app = await house.server(
    Object.entries(paths).map(([path, schema]) =>
      route({
        ...{ method: 'POST', path, summary: 'Says something', access: 'authenticated', body: schema, answers },
        handle: async (_context, input) => ({ body: { said: input.body?.said ?? null } }),
      }),
    ),
  );
  const post = (path: string, payload?: object) =>
    app.inject({
      method: 'POST',
      url: `/api/v1${path}`,
      headers: { authorization: 'Bearer a' },
      ...(payload && { payload }),
    });
  assert.deepEqual((await post('/maybe')).json(), { said: null });
  assert.deepEqual((await post('/maybe', { said: 'a' })).json(), { said: 'a' });
  assert.equal((await post('/maybe', { other: 'a' })).statusCode, 400);
  assert.equal((await post('/must')).statusCode, 400);
});
