import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openBooks, usd, workedTactics } from '../test-books.ts';
import { accrualRoutes } from './accrual-routes.ts';
import { closeCheckKeys } from './domain/close-check.ts';
import { glMappingRoutes } from './gl-mapping-routes.ts';
import { journalRoutes } from './journal-routes.ts';
import { periodRoutes } from './period-routes.ts';
import { prepareAccruals } from './prepare-accruals.ts';

async function api(t: TestContext) {
  const books = await openBooks(t);
  const { ports } = books;
  const server = await books.house.server([
    ...[...periodRoutes(ports), ...accrualRoutes(ports), ...journalRoutes, ...glMappingRoutes],
  ]);
  const call = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object, headers = {}) => {
    const reply = await server.inject({
      ...{ method, url: `/api/v1${path}`, headers: { authorization: 'Bearer a', ...headers } },
      ...(body ? { payload: body } : {}),
    });
    const isJson = String(reply.headers['content-type']).includes('json');
    return { status: reply.statusCode, headers: reply.headers, body: isJson ? reply.json() : reply.body };
  };
  return { ...books, call };
}

test('a month end over HTTP: proposal, run, journal, export that repeats itself, checklist, close with waivers, report', async (t) => {
  const { call, customerId, tactics, maker, ports, period } = await api(t);
  const p = await period('2026-06-15');
  tactics.push(...workedTactics(customerId, p.startsOn, '2026-12-28', p.endsOn));
  assert.equal((await call('POST', '/periods', { on: '2026-06-15' })).body.id, p.id);
  const proposal = await call('GET', `/accruals/proposal?periodId=${p.id}`);
  assert.equal(proposal.status, 200, JSON.stringify(proposal.body));
  assert.deepEqual(proposal.body.totals[0].due.value, usd('8000.00'));
  assert.deepEqual(
    proposal.body.groups.map((group: { glAccount: string; due: { value: object } }) => [
      group.glAccount,
      group.due.value,
    ]),
    [
      ['4920', usd('6000.00')],
      ['4940', usd('2000.00')],
    ],
  );
  const [id] = await prepareAccruals(maker, ports, p.id);
  assert.equal((await call('POST', '/accruals', { periodId: p.id })).body.journalIds.length, 0);
  const runs = (await call('GET', `/accruals/runs?periodId=${p.id}`)).body.items;
  assert.equal(runs.length, 2);
  const booked = runs.find(({ movements }: { movements: number }) => movements > 0);
  const entriesOf = async (members: string) =>
    (await call('GET', `/accruals/runs/${booked.id}/entries?${members}`)).body.items.map(
      ({ amount }: { amount: { amount: string } }) => amount.amount,
    );
  assert.deepEqual((await entriesOf('kind=earn')).sort(), ['2000.00', '6000.00'], 'the rows behind “last run”');
  assert.deepEqual(await entriesOf('kind=earn&mechanic=display'), ['2000.00']);
  assert.deepEqual(await entriesOf('kind=release'), []);
  const idle = runs.find(({ movements }: { movements: number }) => movements === 0);
  assert.deepEqual(
    (await call('GET', `/accruals/runs/${idle.id}/entries`)).body.items,
    [],
    'another run’s are not its',
  );
  assert.equal((await call('POST', `/journals/${id}/post`)).status, 409);
  assert.equal((await call('POST', `/journals/${id}/approve`)).body.state, 'approved');
  assert.equal((await call('POST', `/journals/${id}/post`)).body.state, 'posted');

  const json = await call('POST', `/journals/${id}/export`);
  assert.deepEqual(
    [json.body.format, json.body.id, json.body.total, json.body.lines.length],
    ['tradeai.journal', id, '8000.00', 4],
  );
  assert.deepEqual(json.body.lines[0], {
    ...{
      line: 1,
      account: 'promotional_allowances',
      glAccount: '4920',
      costCentre: null,
      debit: '6000.00',
      credit: null,
    },
    ...{ customerCode: 'C', promotionId: tactics[0]?.promotionId, tacticId: tactics[0]?.tacticId },
  });
  const read = await call('GET', `/journals/${id}`);
  assert.deepEqual([read.body.lines.length, read.body.lineCount, read.body.glMapping], [4, 4, 0]);
  const csv = await call('POST', `/journals/${id}/export?format=csv`);
  assert.match(String(csv.headers['content-type']), /^text\/csv/);
  assert.equal(String(csv.body).split('\r\n')[0]?.slice(0, 15), 'journal_id,kind');
  assert.deepEqual((await call('POST', `/journals/${id}/export`)).body, json.body, 'the same file again');
  assert.deepEqual((await call('POST', `/journals/${id}/export?format=csv`)).body, csv.body);
  assert.equal((await call('GET', '/journals?state=exported')).body.items.length, 1);

  assert.equal((await call('POST', `/periods/${p.id}/close`)).status, 409, 'a soft close comes first');
  assert.equal((await call('POST', `/periods/${p.id}/soft-close`)).body.state, 'soft_closed');
  const list = await call('GET', `/periods/${p.id}/checklist`);
  assert.deepEqual(
    list.body.checks.map(({ key }: { key: string }) => key),
    closeCheckKeys,
  );
  const refused = await call('POST', `/periods/${p.id}/close`);
  assert.equal(refused.status, 422);
  assert.deepEqual(
    refused.body.failing.map(({ check }: { check: string }) => check),
    ['period_ended', 'facts_complete'],
  );
  const waive = ['period_ended', 'facts_complete'].map((check) => ({ check, reason: 'the stores report monthly' }));
  assert.equal((await call('POST', `/periods/${p.id}/close`, { waive })).body.state, 'closed');
  const report = await call('GET', `/periods/${p.id}/report`);
  assert.deepEqual(report.body.currencies[0].total.closing, usd('8000.00'));
  assert.equal(report.body.currencies[0].ties, true);
  const file = await call('GET', `/periods/${p.id}/report?format=csv`);
  assert.match(String(file.headers['content-disposition']), /close-report-2026-P\d+\.csv/);
  assert.equal(String(file.body).trimEnd().split('\r\n').length, 6);
  const reopen = await call('POST', `/periods/${p.id}/reopen`, { reason: 'late' });
  assert.deepEqual([reopen.body.state, typeof reopen.body.reopenAskedBy], ['closed', 'string']);
  assert.equal((await call('POST', `/periods/${p.id}/reopen`, { reason: 'late' })).body.code, 'approval.own_work');
});

test('a mapping is replaced by version: the house’s own first, and never over somebody else’s', async (t) => {
  const { call } = await api(t);
  const own = await call('GET', '/gl-mappings');
  assert.deepEqual([own.body.version, own.headers.etag], [0, '"0"']);
  const line = { movement: 'accrue', debitAccount: '4900', creditAccount: '2150' };
  const put = (lines: object[], version: number) =>
    call('PUT', '/gl-mappings', { validFrom: '2026-07-01', lines }, { 'if-match': `"${version}"` });
  assert.equal((await put([line], 0)).body.version, 1);
  assert.equal((await put([line], 0)).body.code, 'version.conflict');
  assert.equal((await put([line, line], 1)).status, 422, 'twice the same');
  const stranger = { ...line, customerId: '0190a000-0000-7000-8000-00000000dead' };
  assert.equal((await put([line, stranger], 1)).status, 422, 'a customer that is not there');
  assert.equal((await put([{ ...line, mechanic: 'bribe' }], 1)).status, 400);
  assert.deepEqual((await call('GET', '/gl-mappings')).body.lines, [
    { ...line, mechanic: null, customerId: null, costCentre: null },
  ]);
});
