import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '#context';
import { makeHttpServer } from '#http';
import { makeLogger } from '#telemetry';
import { model, node, setInstanceDesk, user } from '../instances/test-desk.ts';
import { paperRoutes } from './paper-routes.ts';

const pdf = Buffer.from('%PDF-1.7\nthe label');

function multipart(fileName: string, content: Buffer) {
  const boundary = 'x-boundary-x';
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${fileName}"\r\n\r\n`;
  const payload = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

test('papers of a task are kept once, seen at every later step, and only by what they hold', async (t) => {
  const desk = await setInstanceDesk(t);
  const { house, anna, bert, maker } = desk;
  const people: Record<string, Context> = { anna, bert, maker };
  const app = await makeHttpServer({
    ...{ db: house.db, clock: house.clock, log: makeLogger('silent'), trustProxy: false, routes: paperRoutes },
    authenticate: async (bearer) => {
      const { tenant, actor } = people[bearer] ?? anna;
      return { tenant, actor, signIn: null };
    },
  });
  t.after(() => app.close());
  const call = async (who: string, path: string, file?: ReturnType<typeof multipart>) =>
    app.inject({
      ...{ method: file ? ('POST' as const) : ('GET' as const), url: `/api/v1/tasks/${path}` },
      ...(file ? { payload: file.payload } : {}),
      headers: { authorization: `Bearer ${who}`, ...file?.headers },
    });
  const twice = model(
    'two-looks',
    [node('start', 's'), user('first'), user('second'), node('end', 'e', { outcome: 'approved' })],
    's > first, first > second, second > e',
  );
  const id = await desk.start(twice);
  const first = await desk.open(id, 'first');

  const sent = await call('anna', `${first}/attachments`, multipart('../label\u202e.pdf', pdf));
  assert.equal(sent.statusCode, 201, sent.body);
  const paper = sent.json();
  assert.deepEqual([paper.fileName, paper.mediaType, paper.bytes], ['label.pdf', 'application/pdf', pdf.length]);
  const again = await call('bert', `${first}/attachments`, multipart('other.pdf', pdf));
  assert.equal(again.json().id, paper.id, 'the same content is the same paper');
  const refused = await call('anna', `${first}/attachments`, multipart('label.pdf', Buffer.from('<html><script>')));
  assert.equal(refused.statusCode, 415);
  assert.equal((await call('maker', `${first}/attachments`, multipart('label.pdf', pdf))).statusCode, 403);

  await desk.done(anna, first);
  assert.equal((await call('anna', `${first}/attachments`, multipart('late.pdf', pdf))).statusCode, 409);
  const second = await desk.open(id, 'second');
  const listed = (await call('bert', `${second}/attachments`)).json();
  assert.deepEqual(
    listed.items.map((one: { id: string }) => one.id),
    [paper.id],
  );
  const got = await call('bert', `${second}/attachments/${paper.id}`);
  assert.deepEqual(got.rawPayload, pdf);
  assert.match(String(got.headers['content-disposition']), /^attachment; filename="label\.pdf"/);
  const other = await desk.open(await desk.start(twice), 'first');
  assert.equal((await call('bert', `${other}/attachments/${paper.id}`)).statusCode, 404);
});
