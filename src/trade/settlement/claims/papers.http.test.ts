import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { unzipSync } from 'fflate';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { settlementModule } from '../index.ts';
import { openBooks, usd, workedTactics } from '../test-books.ts';

async function desk(t: TestContext) {
  const books = await openBooks(t);
  const period = await books.period('2026-06-15');
  books.tactics.push(...workedTactics(books.customerId, period.startsOn, '2026-12-28', period.endsOn));
  await prepareAccruals(books.maker, books.ports, period.id);
  const app = await books.house.server(settlementModule(books.ports).routes ?? []);
  const ask = (method: 'GET' | 'POST', url: string, payload?: object, bearer = 'a') =>
    app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { authorization: `Bearer ${bearer}` },
      ...(payload ? { payload } : {}),
    });
  const attach = (id: string, content: Buffer, fileName: string, purpose = 'proof_of_performance', bearer = 'a') => {
    const payload = Buffer.concat([
      Buffer.from(`--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\n${purpose}\r\n`),
      Buffer.from(`--b\r\ncontent-disposition: form-data; name="file"; filename="${fileName}"\r\n\r\n`),
      ...[content, Buffer.from('\r\n--b--\r\n')],
    ]);
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'multipart/form-data; boundary=b' };
    return app.inject({ method: 'POST', url: `/api/v1/deductions/${id}/attachments`, headers, payload });
  };
  const { customerId } = books;
  const made = await ask('POST', '/deductions', {
    ...{ customerId, reference: 'D/1', note: '<b>display</b>', amount: usd('500.00'), takenOn: '2026-06-10' },
  });
  return { ...books, ask, attach, id: made.json().id as string };
}

const pdf = Buffer.from('%PDF-1.7\nphoto of the endcap\n%%EOF');

test('proof that is attached makes a display valid, and the same paper again is the same paper', async (t) => {
  const { ask, attach, id, tactics } = await desk(t);
  const matches = [{ tacticId: tactics[1]?.tacticId, amount: usd('500.00') }];
  await ask('POST', `/deductions/${id}/match`, { matches });
  const validate = () => ask('POST', `/deductions/${id}/validate`, { validAmount: usd('500.00') });
  assert.equal((await validate()).statusCode, 422);
  const first = await attach(id, pdf, 'C:\\photos\\endcap.csv');
  assert.equal(first.statusCode, 201, first.body);
  assert.deepEqual(
    [first.json().mediaType, first.json().fileName, first.json().sha256],
    ['application/pdf', 'endcap.csv', createHash('sha256').update(pdf).digest('hex')],
    'by its content, not by its name',
  );
  assert.equal((await attach(id, pdf, 'again.pdf')).json().id, first.json().id);
  assert.equal((await ask('GET', `/deductions/${id}/attachments`)).json().items.length, 1);
  assert.equal((await validate()).json().state, 'valid');
});

test('a paper is downloaded whole and only saved, never run, and no other tenant sees it', async (t) => {
  const { ask, attach, id } = await desk(t);
  const large = Buffer.concat([pdf, Buffer.alloc(3 << 20, 'x')]);
  const paper = (await attach(id, large, 'große Datei (1).pdf')).json();
  const url = `/deductions/${id}/attachments/${paper.id}`;
  const download = await ask('GET', url);
  assert.ok(download.rawPayload.equals(large));
  assert.equal(download.headers['content-type'], 'application/pdf');
  assert.match(
    String(download.headers['content-disposition']),
    /^attachment; filename="gro_e_Datei_1_\.pdf"; filename\*=UTF-8''gro%C3%9Fe%20Datei%20%281%29\.pdf$/,
  );
  assert.match(String(download.headers['content-security-policy']), /sandbox/);
  assert.equal(download.headers['x-content-type-options'], 'nosniff');
  assert.equal((await ask('GET', url, undefined, 'b')).statusCode, 404);
  assert.equal((await attach(id, pdf, 'x.pdf', 'other', 'b')).statusCode, 404);
});

test('what is no paper, too large a paper or none at all is refused, and nothing is kept', async (t) => {
  const { ask, attach, id } = await desk(t);
  const refused: [Buffer, string, string, number][] = [
    [Buffer.from('<html><script>1</script></html>'), 'proof.pdf', 'proof_of_performance', 415],
    [Buffer.from('PK\x03\x04zip'), 'proof.png', 'proof_of_performance', 415],
    [Buffer.alloc(0), 'empty.pdf', 'proof_of_performance', 415],
    [Buffer.concat([pdf, Buffer.alloc(10 << 20)]), 'large.pdf', 'proof_of_performance', 413],
    [pdf, 'proof.pdf', 'a nice one', 400],
  ];
  for (const [content, name, purpose, status] of refused) {
    const answer = await attach(id, content, name, purpose);
    assert.equal(answer.statusCode, status, `${name} ${answer.body.slice(0, 200)}`);
  }
  assert.equal((await ask('GET', `/deductions/${id}/attachments`)).json().items.length, 0);
});

test('the packet of a dispute holds the index, the record and every paper by its hash, byte for byte the same again', async (t) => {
  const { ask, attach, id, tactics } = await desk(t);
  await attach(id, pdf, 'endcap.pdf');
  const matches = [{ tacticId: tactics[1]?.tacticId, amount: usd('500.00') }];
  await ask('POST', `/deductions/${id}/match`, { matches });
  const packet = await ask('GET', `/deductions/${id}/packet`);
  assert.equal(packet.statusCode, 200, packet.body.slice(0, 300));
  assert.match(String(packet.headers['content-disposition']), /filename="deduction-D_1\.zip"/);
  const files = unzipSync(packet.rawPayload);
  assert.deepEqual(Object.keys(files), ['index.html', 'index.csv', 'packet.json', 'papers/01-endcap.pdf']);
  const text = (name: string) => Buffer.from(files[name] ?? []).toString('utf8');
  assert.ok(Buffer.from(files['papers/01-endcap.pdf'] ?? []).equals(pdf));
  assert.match(text('index.html'), /&lt;b&gt;display&lt;\/b&gt;/);
  assert.match(text('index.csv'), new RegExp(createHash('sha256').update(pdf).digest('hex')));
  const data = JSON.parse(text('packet.json'));
  assert.deepEqual(
    [data.item.reference, data.matches.length, data.liabilities.length, data.accruals.length],
    ['D/1', 1, 1, 1],
  );
  assert.deepEqual(data.history.map(({ action }: { action: string }) => action).sort(), [
    'deduction.captured',
    'deduction.categorised',
    'deduction.matched',
    'deduction.paper_attached',
  ]);
  const again = await ask('GET', `/deductions/${id}/packet`);
  assert.ok(again.rawPayload.equals(packet.rawPayload));
  assert.equal((await ask('GET', `/deductions/${id}/packet`, undefined, 'b')).statusCode, 404);
});
