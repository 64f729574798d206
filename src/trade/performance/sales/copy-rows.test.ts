import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyText } from './copy-rows.ts';

test("a text cannot break out of its cell in COPY's text format, and null is not an empty text", () => {
  assert.equal(copyText('a\tb\nc\rd\\e\\N'), 'a\\tb\\nc\\rd\\\\e\\\\N');
  assert.equal(copyText(null), '\\N');
  assert.equal(copyText(''), '');
});
