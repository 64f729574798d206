import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startMailServer } from '../../../../test/mail-server.ts';
import { type Mailer, makeMailer } from './mail.ts';

const hello = { to: 'ada@maker.example', subject: 'Hello', text: 'A link:\n\nhttps://x.example/accept#token=abc\n' };

function mailerTo(t: TestContext, smtpUrl: string): Mailer {
  const announce = () => assert.fail('nothing is announced');
  const mailer = makeMailer({ smtpUrl, from: 'tradeai@maker.example', announce });
  t.after(() => mailer.close());
  return mailer;
}

test('with a mail server set, a mail reaches it with sender, receiver, text and its own id', async (t) => {
  const server = await startMailServer(t);
  const mailer = mailerTo(t, `smtp://127.0.0.1:${server.port}`);
  assert.equal(mailer.delivers, true);
  await mailer.send({ ...hello, id: 'the-same', html: '<b>A link</b>' });
  const said = server.said.join('\n');
  assert.match(said, /MAIL FROM:<tradeai@maker\.example>/);
  assert.match(said, /RCPT TO:<ada@maker\.example>/);
  assert.match(server.taken.join(), /Subject: Hello/);
  assert.match(server.taken.join(), /accept#token=3?D?abc/);
  assert.match(server.taken.join(), /Message-ID: <the-same@maker\.example>/i);
  assert.match(server.taken.join(), /<b>A link<\/b>/);
});

test('without a mail server, a mail stands on the console of who runs the product', async () => {
  const said: string[] = [];
  const mailer = makeMailer({ smtpUrl: undefined, from: 'x@y.example', announce: (text) => said.push(text) });
  await mailer.send({ to: 'ada@maker.example', subject: 'Hello', text: 'https://x.example/reset#token=abc' });
  assert.equal(mailer.delivers, false);
  assert.match(said.join(), /ada@maker\.example[\s\S]*token=abc/);
});

test('what a server says of a refused mail is told without credentials and addresses, and whether trying again helps', async (t) => {
  const server = await startMailServer(t, { asksForPassword: true });
  const mailer = mailerTo(t, `smtp://sender:hidden-password@localhost:${server.port}`);
  server.refuses = { AUTH: '535 no sender with hidden-password' };
  await assert.rejects(mailer.send(hello), (error: Error) => {
    assert.match(error.message, /535 no … with …/);
    assert.ok(!/hidden|sender/.test(JSON.stringify({ ...error, message: error.message })), error.message);
    return 'isFinal' in error && error.isFinal === false;
  });
  server.refuses = { RCPT: '550 <ada@maker.example> is nobody' };
  await assert.rejects(mailer.send(hello), (error: Error) => {
    assert.match(error.message, /550/);
    assert.ok(!error.message.includes('ada'), error.message);
    return 'isFinal' in error && error.isFinal === true;
  });
  server.refuses = { RCPT: '451 later' };
  await assert.rejects(mailer.send(hello), { isFinal: false });
});

test('credentials leave the machine over TLS or not at all', async (t) => {
  // A name of the loopback that does not look like it stands for a server elsewhere.
  const server = await startMailServer(t, { asksForPassword: true, host: '127.0.0.2' });
  const mailer = mailerTo(t, `smtp://sender:hidden-password@127.0.0.2:${server.port}`);
  server.refuses = { STARTTLS: '502 not here' };
  await assert.rejects(mailer.send(hello), { name: 'MailRefused' });
  assert.ok(!server.said.some((line) => /^AUTH/i.test(line)), server.said.join('\n'));
  assert.deepEqual(server.taken, []);
});
