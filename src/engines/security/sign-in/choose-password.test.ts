import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dictionary } from '@zxcvbn-ts/language-common';
import { weaknessOf } from './choose-password.ts';
import { minPasswordLength } from './password.ts';

const email = 'ann.miller@maker.example';

test('the passwords that are tried first are refused, in any case', () => {
  const common = (dictionary['passwords-common'] ?? []).map(String);
  const listed = new Set(common);
  // Too short as they are, they come with a year or a sign behind them.
  const tried = common
    .flatMap((word) => [word, `${word}2026`, `1${word}!`])
    .filter((word) => word.length >= minPasswordLength);
  const refused = tried.filter((word) => weaknessOf(word, email));
  assert.ok(refused.length >= 3_000, `${refused.length}`);
  assert.deepEqual(
    tried.filter((word) => listed.has(word) && !weaknessOf(word, email)),
    [],
  );
  for (const word of ['Password123', 'Sunshine!2026', '1234567890', 'princess1987']) {
    assert.match(weaknessOf(word, email) ?? '', /tried first/, word);
  }
});

test('length counts, composition does not; one’s own e-mail and one repeated character are no password', () => {
  for (const word of ['correct horse battery', 'ńandú 犬 ñandú x', '           a b c', 'zzzz-yyyy-xxxx-wwww']) {
    assert.equal(weaknessOf(word, email), undefined, word);
  }
  for (const word of ['short', 'aaaaaaaaaaaaaaaa', email, email.toUpperCase()])
    assert.ok(weaknessOf(word, email), word);
});
