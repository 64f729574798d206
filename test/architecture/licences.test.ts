import assert from 'node:assert/strict';
import { test } from 'node:test';
import { licenceProblems } from '../../scripts/check-licences.ts';

const problems = (license: string | undefined, more: { dev?: boolean; optional?: boolean } = {}) =>
  licenceProblems({ 'node_modules/x': { ...(license ? { license } : {}), ...more } }, () => undefined);

test('no package of the GPL family is shipped, whichever version or member', () => {
  for (const licence of ['GPL-3.0-only', 'LGPL-2.1', 'AGPL-3.0-or-later', 'GPL-2.0 AND MIT', 'SSPL-1.0']) {
    assert.deepEqual(problems(licence), [`node_modules/x: ${licence}`]);
  }
});

test('what may be taken under another licence, and what is not shipped, is fine', () => {
  assert.deepEqual(problems('(MIT OR GPL-3.0-or-later)'), []);
  assert.deepEqual(problems('Apache-2.0'), []);
  assert.deepEqual(problems('GPL-3.0', { dev: true }), []);
});

test('a shipped package without a licence is named, unless it belongs to another platform', () => {
  assert.deepEqual(problems(undefined), ['node_modules/x: no licence given']);
  assert.deepEqual(problems(undefined, { optional: true }), []);
});
