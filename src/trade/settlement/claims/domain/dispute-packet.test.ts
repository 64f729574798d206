import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packetFiles } from './dispute-packet.ts';

const hostile = '=HYPERLINK("http://x","y")';
const files = packetFiles({
  title: 'Deduction <D-1>',
  tables: [
    {
      title: 'What was taken',
      columns: ['Field', 'Value'],
      rows: [
        ['Text', '<script>a&b</script>'],
        ['Note', hostile],
      ],
    },
  ],
  data: { item: { reference: 'D-1' } },
  papers: [{ path: 'papers/01-proof.pdf', bytes: new Uint8Array([1]) }],
});
const text = (path: string) => new TextDecoder().decode(files.find((file) => file.path === path)?.bytes);

test('the index of a packet runs nothing that people wrote into it', () => {
  assert.match(text('index.html'), /&lt;script&gt;a&amp;b&lt;\/script&gt;/);
  assert.doesNotMatch(text('index.html'), /<script>/);
  assert.match(text('index.csv'), /"'=HYPERLINK/, 'a spreadsheet shows it as text');
});

test('a packet holds an index to read, one to reckon with, everything as JSON, and the papers', () => {
  assert.deepEqual(
    files.map(({ path }) => path),
    ['index.html', 'index.csv', 'packet.json', 'papers/01-proof.pdf'],
  );
  assert.deepEqual(JSON.parse(text('packet.json')), { item: { reference: 'D-1' } });
});
