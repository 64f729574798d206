import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { isPublicAddress, makeOutbound, OutboundRefused } from './index.ts';

const outside = makeOutbound({ allowPrivate: false });
const inside = makeOutbound({ allowPrivate: true, maxBytes: 1_000, timeoutMs: 2_000 });

async function serve(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('what is not the public internet is told apart, also where IPv6 carries it', () => {
  const priv = [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.1',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
  ];
  const priv6 = [
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ];
  for (const address of [...priv, ...priv6, '255.255.255.255', 'localhost', '']) {
    assert.equal(isPublicAddress(address), false, address);
  }
  for (const address of ['1.1.1.1', '172.32.0.1', '193.0.0.1', '2606:4700::1111', '::ffff:8.8.8.8']) {
    assert.equal(isPublicAddress(address), true, address);
  }
});

test('outside development private addresses are refused in every spelling, and plain HTTP too', async () => {
  for (const url of [
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/latest/meta-data',
    'https://localhost/',
    'http://example.com/',
    'file:///etc/passwd',
    'https://user:secret@example.com/',
  ]) {
    await assert.rejects(outside.fetch(url), OutboundRefused, url);
  }
});

test('a redirect is judged like a first address, and loses what only the first may see', async (t) => {
  const seen: string[] = [];
  const second = await serve(t, (request, response) => {
    seen.push(`${request.method} ${request.headers.authorization ?? 'nothing'}`);
    response.end('there');
  });
  const first = await serve(t, (request, response) => {
    const location = request.url === '/away' ? 'file:///etc/passwd' : request.url === '/round' ? '/round' : second;
    response.writeHead(302, { location }).end();
  });
  const headers = { authorization: 'Bearer x' };
  const answer = await inside.fetch(first, { method: 'POST', body: 'b', headers });
  assert.equal(await answer.text(), 'there');
  assert.deepEqual(seen, ['GET nothing']);
  await assert.rejects(inside.fetch(`${first}/away`), OutboundRefused);
  await assert.rejects(inside.fetch(`${first}/round`), /redirects too often/);
});

test('bodies and answers pass as they are; an endless answer is cut, a silent one given up', async (t) => {
  const base = await serve(t, (request, response) => {
    if (request.url === '/silent') return;
    if (request.url === '/endless') {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(500)));
      };
      response.on('drain', pour);
      pour();
      return;
    }
    response.setHeader('content-type', String(request.headers['content-type']));
    request.pipe(response);
  });
  const echoed = await inside.fetch(base, { method: 'POST', body: new URLSearchParams({ a: '1 2' }) });
  assert.equal(echoed.headers.get('content-type'), 'application/x-www-form-urlencoded;charset=UTF-8');
  assert.equal(await echoed.text(), 'a=1+2');
  await assert.rejects(
    inside.fetch(`${base}/endless`).then((answer) => answer.text()),
    /longer than 1000 bytes/,
  );
  await assert.rejects(inside.fetch(`${base}/silent`), /aborted|timeout/i);
});
