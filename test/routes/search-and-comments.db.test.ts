import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeHouse } from './house-routes.ts';

const limit = { timeout: 180_000 };

test('search and comments reach what the caller may read, and nothing else', limit, async (t) => {
  const { trade, request, calling } = await routeHouse(t);
  const { a, b } = trade;
  const search = async (token: string, q: string): Promise<[type: string, codes: string[]][]> => {
    const reply = await request(token, { method: 'GET', url: '/api/v1/search', query: { q } });
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    return reply.body.groups.map((group: { type: string; items: { code: string }[] }) => [
      group.type,
      group.items.map(({ code }) => code),
    ]);
  };
  const customer = (await calling('a')('GET', `/customers/${a.storeId}`)).body;
  const promotion = (await calling('a')('GET', `/promotions/${a.promotionId}`)).body;

  await t.test('a thing is found by its code, its name and a part of it, in any case', async () => {
    for (const q of [customer.code, customer.name.toUpperCase(), customer.name.slice(1)]) {
      const customers = (await search('a', q)).find(([type]) => type === 'customer')?.[1] ?? [];
      assert.ok(customers.includes(customer.code), q);
    }
    assert.deepEqual((await search('a', promotion.code))[0], ['promotion', [promotion.code]]);
    const references = (await search('a', 'd-1')).map(([type]) => type);
    assert.ok(references.includes('deduction') && references.includes('claim'));
  });

  await t.test('a sign of a pattern is a sign like any other', async () => {
    assert.deepEqual(await search('a', '%'), []);
    assert.deepEqual(await search('a', '_'), []);
  });

  await t.test('kinds that the caller may not read are left out', async () => {
    assert.deepEqual(await search('a/promotions:read', 'd-1'), []);
    const types = new Set((await search('a/claims:read', '1')).map(([type]) => type));
    assert.deepEqual([...types], ['deduction', 'claim']);
  });

  await t.test('a comment stays on its thing, in the order of time, for those who may read the thing', async () => {
    const subject = { subjectType: 'deduction', subjectId: a.deductionId };
    for (const text of ['is it ours?', 'yes']) {
      assert.equal((await calling('a')('POST', '/comments', { ...subject, text })).status, 201);
    }
    const path = `/comments?subjectType=deduction&subjectId=${a.deductionId}`;
    const read = await calling('a/claims:read')('GET', path);
    assert.deepEqual(
      read.body.items.map(({ text }: { text: string }) => text),
      ['is it ours?', 'yes'],
    );
    assert.equal((await calling('a/promotions:read')('GET', path)).status, 403);
    assert.equal((await calling('b')('GET', path)).status, 404);
    const elsewhere = await calling('a')('GET', `/comments?subjectType=claim&subjectId=${a.claimId}`);
    assert.deepEqual(elsewhere.body.items, []);
  });

  await t.test('who may not see a thing says nothing about it, and an auditor says nothing at all', async () => {
    const said = { subjectType: 'deduction', subjectId: a.deductionId, text: 'hello' };
    assert.equal((await calling('a/workflows:act')('POST', '/comments', said)).status, 403);
    assert.equal((await calling('a/claims:read')('POST', '/comments', said)).status, 403);
    assert.equal((await calling('a')('POST', '/comments', { ...said, subjectId: b.deductionId })).status, 404);
    assert.equal((await calling('a')('POST', '/comments', { ...said, subjectType: 'claim' })).status, 404);
    assert.equal((await calling('a')('POST', '/comments', { ...said, subjectType: 'rumour' })).status, 404);
    assert.equal((await calling('a')('POST', '/comments', { ...said, text: '  ' })).status, 400);
  });
});
