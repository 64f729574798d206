import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fileInMemory, fileOnDisk, inspectFile } from './file-source.ts';

const inspect = (bytes: Buffer) => inspectFile(fileInMemory(bytes));
const text = 'code;name\nA;Käse\n';

test('gzip is told by its first bytes, and the delimiter by the header line', async () => {
  const plain = await inspect(Buffer.from(text));
  assert.deepEqual([plain.format, plain.gzipped, plain.delimiter, plain.textBytes], ['csv', false, ';', 18]);
  const packed = await inspect(gzipSync(text));
  assert.deepEqual([packed.format, packed.gzipped, packed.delimiter, packed.textBytes], ['csv', true, ';', 18]);
  assert.equal((await inspect(Buffer.from('"a;b;c",d\n'))).delimiter, ',');
});

test('a file that is cut short, damaged, empty or not UTF-8 is refused, saying which', async () => {
  const packed = gzipSync(Buffer.alloc(100_000, 'code,name\n'));
  const damaged = Buffer.from(packed);
  damaged.writeUInt8(damaged.readUInt8(packed.length - 6) ^ 1, packed.length - 6);
  const refused: [Buffer, RegExp][] = [
    [packed.subarray(0, packed.length - 9), /gzip file is cut short/],
    [packed.subarray(0, 60), /gzip file is cut short/],
    [damaged, /gzip file is damaged/],
    [Buffer.alloc(0), /empty/],
    [gzipSync(''), /empty/],
    [Buffer.from('%PDF-1.7\ncode,name\nA,B\n'), /is a PDF, whatever its name says/],
    [gzipSync(Buffer.from('\x89PNG\r\n', 'latin1')), /is a picture/],
    [Buffer.from('code,name\nA,Käse\n', 'latin1'), /not UTF-8/],
    [Buffer.from('\ufeffcode,name\n', 'utf16le'), /UTF-16/],
    [Buffer.from('code,name\nA,Kä').subarray(0, -1), /ends within a UTF-8 character/],
  ];
  for (const [bytes, message] of refused) {
    await assert.rejects(inspect(bytes), { code: 'import.refused', message }, String(message));
  }
  await assert.rejects(inspectFile(fileOnDisk('/no/such/file')), { code: 'import.refused', message: /no such file/ });
  await assert.rejects(inspectFile(fileOnDisk('/')), { code: 'import.refused', message: /folder/ });
});
