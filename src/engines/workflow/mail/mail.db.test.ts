import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { sql } from '#db';
import { EventLog } from '#events';
import { teachScope } from '#scope';
import { makeMailer } from '#security';
import { makeLogger } from '#telemetry';
import { testTenants } from '../../../../test/house.ts';
import { startMailServer } from '../../../../test/mail-server.ts';
import { model, node, setInstanceDesk, user } from '../instances/test-desk.ts';
import { claimTask, delegateTask } from '../run-workflow.ts';
import { forgetOldMails, mailRound } from './mail-loop.ts';
import { mailRoutes } from './mail-routes.ts';
import { nextMorning, taskMails } from './tell-by-mail.ts';
import { writeLetter } from './write-letter.ts';

const limit = { timeout: 90_000 };
const publicUrl = 'https://trade.maker.example';
const hourS = 3_600;

const asked = model(
  'asked',
  [
    ...[node('start', 's'), node('end', 'e', { outcome: 'approved' })],
    user('check', { name: 'Sales director', escalations: [{ after: { after: 'PT2H' }, does: { type: 'remind' } }] }),
  ],
  's > check, check > e',
  [{ name: 'spend', type: 'string' }],
);

/** A message with its long lines put together again (RFC 2045, quoted-printable). */
const whole = (letter = '') => letter.replaceAll('=\r\n', '').replaceAll('=3D', '=');

/** A desk with a mail server, and a log that puts mails on their way when it is read. */
async function setDesk(t: TestContext) {
  const desk = await setInstanceDesk(t);
  const server = await startMailServer(t);
  const log = makeLogger('silent');
  const { db, clock } = desk.house;
  const mail = makeMailer({
    ...{ smtpUrl: `smtp://localhost:${server.port}`, from: 'tradeai@maker.example' },
    announce: () => assert.fail('a mail server is set'),
  });
  t.after(() => mail.close());
  const tenant = async () => testTenants.a;
  const parts = { db, clock, log, tenant, tenants: async () => [testTenants.a], mail, publicUrl };
  /** Reads the log to its end, and sends what is due. */
  const post = async () => {
    const events = new EventLog(parts, [taskMails]);
    await events.start();
    const end = () =>
      db.system(async (tx) => {
        const { left } = await tx.one<{ left: number }>(sql`select (select count(*) from event.outbox)
          + (select count(*) from event.log where position > (select position from event.cursor where subscription = 'workflow.mail'))
          as left`);
        return Number(left) === 0;
      });
    while (!(await end())) await new Promise((resolve) => setTimeout(resolve, 20));
    await events.stop();
    while ((await mailRound(parts)) > 0);
  };
  const rows = () =>
    desk.maker.db.read(desk.maker, (tx) =>
      tx.many<{ id: string; personId: string; kind: string; state: string; tries: number; error: string | null }>(
        sql`select id, person_id as "personId", kind, state, tries, error from workflow.mail order by happened_at, person_id`,
      ),
    );
  const receivers = () => server.said.flatMap((line) => /^RCPT TO:<(.+)@example\.com>/i.exec(line)?.[1] ?? []);
  const app = await desk.house.server(mailRoutes);
  const call = async (method: 'GET' | 'PUT' | 'POST', path: string, payload?: object, token = 'a') => {
    const request = { method, url: `/api/v1/workflows${path}`, headers: { authorization: `Bearer ${token}` } };
    const reply = await app.inject({ ...request, ...(payload ? { payload } : {}) });
    return { status: reply.statusCode, body: reply.json() };
  };
  const choose = (who: { actor: { id: string } }, choice: string) =>
    desk.maker.db.transact(desk.maker, (tx) =>
      tx.run(
        sql`insert into workflow.mail_choice values (${testTenants.a.id}, ${who.actor.id}, ${choice}, ${clock.now()})`,
      ),
    );
  return { desk, server, post, rows, receivers, call, choose, parts };
}

test(
  'whoever may take a task is written to once when it is opened, reminded and passed on, with a link and no figures',
  limit,
  async (t) => {
    const { desk, server, post, rows, receivers, choose } = await setDesk(t);
    const { anna, bert, cleo, maker } = desk;
    await choose(cleo, 'off');
    const id = await desk.start(asked, { spend: '15600.00' });
    const task = await desk.open(id, 'check');
    await post();
    assert.deepEqual(
      receivers().sort(),
      [anna.actor.id, bert.actor.id].sort(),
      'not the maker, and not who wants none',
    );
    await post();
    assert.equal(server.taken.length, 2, 'once');
    const letter = whole(server.taken[0]);
    assert.ok(letter.includes(`${publicUrl}/work?task=${task}`), letter);
    assert.match(letter, /Sales director/);
    assert.match(letter, /Subject: To decide: A thing/);
    assert.ok(!/15600|15,600|token|password/i.test(letter), letter);
    await desk.later(2 * hourS + 1);
    await claimTask(anna, task);
    await post();
    assert.deepEqual(
      receivers().slice(2),
      [anna.actor.id],
      'a task that somebody has claimed is theirs to be reminded of',
    );
    await delegateTask(anna, task, bert.actor.id);
    await post();
    assert.deepEqual(receivers().slice(3), [bert.actor.id]);
    assert.match(server.taken.at(-1) ?? '', /Subject: Passed on to you: A thing/);
    const kinds = (await rows()).map(({ kind, state }) => `${kind} ${state}`);
    assert.deepEqual(kinds.sort(), ['given sent', 'opened sent', 'opened sent', 'reminded sent']);
    assert.ok(!(await rows()).some(({ personId }) => personId === maker.actor.id));
  },
);

test(
  'whoever was kept to another part of the tenant since is told nothing of what lies outside it',
  limit,
  async (t) => {
    const { desk, post, rows, receivers } = await setDesk(t);
    const { anna, bert, cleo } = desk;
    // What a thing of a test is, no scope knows: it lies in no part.
    teachScope([]);
    await desk.start(asked);
    const client = new pg.Client({ connectionString: desk.house.url });
    await client.connect();
    const moved = 'update identity.membership set scope_customers = $2 where person_id = $1';
    await client.query(moved, [bert.actor.id, [randomUUID()]]);
    await client.end();
    await post();
    assert.deepEqual(receivers().sort(), [anna.actor.id, cleo.actor.id].sort());
    assert.deepEqual(
      (await rows()).filter(({ personId }) => personId === bert.actor.id).map(({ state }) => state),
      ['dropped'],
    );
  },
);

test(
  'a mail is tried again while the server is away, given up in the end, seen by administrators and sent when they say so',
  limit,
  async (t) => {
    const { desk, server, post, rows, call, choose, parts } = await setDesk(t);
    for (const who of [desk.bert, desk.cleo]) await choose(who, 'off');
    server.refuses = { MAIL: '451 come back later' };
    await desk.start(asked);
    await post();
    const [first] = await rows();
    assert.deepEqual([first?.state, first?.tries], ['waiting', 1]);
    assert.match(first?.error ?? '', /451/);
    assert.deepEqual(
      (await call('GET', '/mails')).body.items.map(({ id }: { id: string }) => id),
      [first?.id],
    );
    assert.deepEqual((await call('GET', '/mails', undefined, 'b')).body.items, []);
    await desk.later(30);
    await post();
    assert.equal((await rows())[0]?.tries, 1, 'not before its pause is over');
    for (let tries = 0; tries < 7; tries++) {
      await desk.later(8 * hourS);
      await post();
    }
    const given = (await rows()).find(({ kind }) => kind === 'opened');
    assert.deepEqual([given?.state, given?.tries], ['failed', 8]);
    assert.equal(server.taken.length, 0);
    server.refuses = {};
    assert.equal((await call('POST', `/mails/${given?.id}/retry`)).status, 200);
    assert.equal((await call('POST', `/mails/${given?.id}/retry`)).status, 404, 'it is on its way already');
    while ((await mailRound(parts)) > 0);
    const sent = (await rows()).find(({ id }) => id === given?.id);
    assert.equal(sent?.state, 'sent');
    assert.ok(server.taken.some((letter) => letter.toLowerCase().includes(`message-id: <${given?.id}@maker.example>`)));
    await desk.later(91 * 24 * hourS);
    await forgetOldMails(parts);
    assert.ok(!(await rows()).some(({ id }) => id === given?.id), 'forgotten after ninety days');
  },
);

test(
  'whoever hears once a day gets one letter in the morning of what still waits, and a process that ended between sending and marking repeats its id',
  limit,
  async (t) => {
    const { desk, server, post, rows, choose, parts } = await setDesk(t);
    const { anna, bert, cleo } = desk;
    for (const who of [bert, cleo]) await choose(who, 'off');
    await choose(anna, 'daily');
    const done = await desk.start(asked);
    // More than are taken at once.
    const waiting: string[] = [];
    while (waiting.length < 25) waiting.push(await desk.start(asked));
    await post();
    assert.equal(server.taken.length, 0, 'not before the morning');
    await desk.done(bert, await desk.open(done, 'check'));
    assert.equal(nextMorning(anna).toISOString(), '2026-06-16T11:00:00.000Z', 'seven in New York');
    await desk.later(23 * hourS);
    await post();
    assert.equal(server.taken.length, 1);
    const letter = whole(server.taken[0]);
    assert.match(letter, /Subject: 25 tasks wait for you/);
    for (const id of waiting)
      assert.ok(letter.includes(`/work?task=${await desk.open(id, 'check')}`), 'each with its link');
    assert.deepEqual(
      new Set((await rows()).filter(({ kind }) => kind === 'opened').map(({ state }) => state)),
      new Set(['sent']),
    );
    const idOf = (text: string | undefined) => /message-id: (\S+)/i.exec(text ?? '')?.[1];
    await desk.maker.db.transact(desk.maker, (tx) =>
      tx.run(
        sql`update workflow.mail set state = 'waiting', ended_at = null, claimed_until = ${desk.house.clock.now()}`,
      ),
    );
    while ((await mailRound(parts)) > 0);
    assert.deepEqual([server.taken.length, idOf(server.taken[1])], [2, idOf(letter)]);
    for (const id of waiting) await desk.done(bert, await desk.open(id, 'check'));
    await desk.maker.db.transact(desk.maker, (tx) =>
      tx.run(sql`update workflow.mail set state = 'waiting', ended_at = null`),
    );
    while ((await mailRound(parts)) > 0);
    assert.equal(server.taken.length, 2, 'nothing waits any more');
    const opened = (await rows()).filter(({ kind }) => kind === 'opened');
    assert.deepEqual(new Set(opened.map(({ state }) => state)), new Set(['dropped']));
  },
);

test('one chooses for oneself how to hear, and a title cannot write its own letter', limit, async (t) => {
  const { call } = await setDesk(t);
  assert.deepEqual((await call('GET', '/mail-choice')).body, { choice: 'now', delivers: false });
  assert.deepEqual((await call('PUT', '/mail-choice', { choice: 'daily' })).body.choice, 'daily');
  assert.deepEqual((await call('GET', '/mail-choice')).body.choice, 'daily');
  assert.equal((await call('GET', '/mail-choice', undefined, 'b')).body.choice, 'now');
  assert.equal((await call('PUT', '/mail-choice', { choice: 'hourly' })).status, 400);
  const letter = writeLetter({
    ...{ kind: 'opened', publicUrl, timeZone: 'UTC' },
    tasks: [
      { taskId: 't', title: 'A\r\nBcc: x@y.example\n<img src=x>', step: 'S', dueAt: new Date('2026-06-15T12:00:00Z') },
    ],
  });
  assert.equal(letter.subject, 'To decide: A Bcc: x@y.example <img src=x>');
  assert.ok(!letter.html.includes('<img'), letter.html);
});
