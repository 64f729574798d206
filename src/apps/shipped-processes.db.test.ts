import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHouse } from '../../test/house.ts';
import { modules } from './modules.ts';

test('every process and decision that ships can be drafted from as it stands, and its drafts keep to what its module needs', async (t) => {
  const house = await testHouse(t);
  const app = await house.server(
    modules.flatMap(({ routes = [] }) => routes).filter(({ path }) => path.startsWith('/workflows/')),
  );
  const call = async (method: 'GET' | 'POST', path: string, payload?: object) => {
    const headers = { authorization: 'Bearer a' };
    const reply = await app.inject({
      method,
      url: `/api/v1/workflows${path}`,
      headers,
      ...(payload ? { payload } : {}),
    });
    assert.ok(reply.statusCode < 300, `${path} ${reply.body}`);
    return reply.json();
  };
  const processes = (await call('GET', '/processes/shipped')).items;
  const codes = processes.map(({ code }: { code: string }) => code).sort();
  for (const code of ['budget-allocation', 'customer-onboarding', 'promotion-approval'])
    assert.ok(codes.includes(code));
  for (const { code, bpmn } of processes) {
    const { id } = (await call('POST', '/processes', { bpmn })).items[0];
    const read = await call('GET', `/processes/${id}`);
    assert.deepEqual([read.code, read.findings], [code, []]);
    await call('POST', `/processes/${id}/publish`);
  }
  const decisions = (await call('GET', '/decisions/shipped')).items;
  assert.deepEqual(decisions.map(({ code }: { code: string }) => code).sort(), [
    'promotion-approval-matrix',
    'promotion-rules',
  ]);
  for (const { code, title, inputs, table } of decisions) {
    const { id } = await call('POST', '/decisions', { code, title, inputs, table });
    const { findings } = await call('GET', `/decisions/${id}`);
    const blocking = findings.filter(({ blocks }: { blocks: boolean }) => blocks);
    assert.deepEqual([code, blocking], [code, []]);
    await call('POST', `/decisions/${id}/publish`);
  }
});
