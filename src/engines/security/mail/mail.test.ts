import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { makeMailer } from './mail.ts';

/** Speaks just enough SMTP (RFC 5321) to take one mail. */
function takeMail(socket: Socket, received: string[]): void {
  let inData = false;
  socket.write('220 test\r\n');
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    received.push(text);
    if (inData) {
      if (!text.endsWith('\r\n.\r\n')) return;
      inData = false;
      socket.write('250 taken\r\n');
    } else if (/^DATA/i.test(text)) {
      inData = true;
      socket.write('354 go on\r\n');
    } else if (/^QUIT/i.test(text)) socket.end('221 bye\r\n');
    else socket.write('250 ok\r\n');
  });
}

test('with a mail server set, a mail reaches it with sender, receiver and text', async (t) => {
  const received: string[] = [];
  const server = createServer((socket) => takeMail(socket, received));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const mailer = makeMailer({
    smtpUrl: `smtp://127.0.0.1:${address.port}`,
    from: 'tradeai@maker.example',
    announce: () => assert.fail('nothing is announced'),
  });
  assert.equal(mailer.delivers, true);
  await mailer.send({
    to: 'ada@maker.example',
    subject: 'Hello',
    text: 'A link:\n\nhttps://x.example/accept#token=abc\n',
  });
  mailer.close();
  const all = received.join('');
  assert.match(all, /MAIL FROM:<tradeai@maker\.example>/);
  assert.match(all, /RCPT TO:<ada@maker\.example>/);
  assert.match(all, /Subject: Hello/);
  assert.match(all, /accept#token=3?D?abc/);
});

test('without a mail server, a mail stands on the console of who runs the product', async () => {
  const said: string[] = [];
  const mailer = makeMailer({ smtpUrl: undefined, from: 'x@y.example', announce: (text) => said.push(text) });
  await mailer.send({ to: 'ada@maker.example', subject: 'Hello', text: 'https://x.example/reset#token=abc' });
  assert.equal(mailer.delivers, false);
  assert.match(said.join(), /ada@maker\.example[\s\S]*token=abc/);
});
