import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sniffMediaType } from './media-type.ts';

const of = (text: string) => sniffMediaType(Buffer.from(text, 'latin1'));

test('a paper is what its content says, whatever it is called', () => {
  assert.equal(of('%PDF-1.7\n'), 'application/pdf');
  assert.equal(of('\x89PNG\r\n\x1a\n'), 'image/png');
  assert.equal(of('\xff\xd8\xff\xe0'), 'image/jpeg');
  assert.equal(of('week,units\n1,20\n2,"1,5"\n'), 'text/csv');
});

test('pages, programs, archives and prose are no papers', () => {
  for (const text of [
    '',
    '<html><script>,</script></html>',
    '<svg>,\n,',
    'MZ\x90\0',
    'PK\x03\x04',
    'dear sirs\nno table',
    'a,b\n1,2,3\n',
    '\xe4,b\n',
  ]) {
    assert.equal(of(text), null, JSON.stringify(text));
  }
});
