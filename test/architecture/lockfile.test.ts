import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingPackages } from '../../scripts/check-lockfile.ts';

const tool = { version: '1.0.0', dev: true, optionalDependencies: { '@x/tool-linux-x64-musl': '1.0.0' } };

test('a platform package that the lock file leaves out is found, with what npm needs to know of it', () => {
  const missing = missingPackages({ '': {}, 'node_modules/tool': tool });
  assert.deepEqual(
    [...missing],
    [
      [
        'node_modules/@x/tool-linux-x64-musl',
        { version: '1.0.0', cpu: ['x64'], dev: true, libc: ['musl'], optional: true, os: ['linux'] },
      ],
    ],
  );
});

test('one that stands anywhere up the folders is not missing, and one not named after a platform is not guessed', () => {
  const hoisted = { 'node_modules/a/node_modules/tool': tool, 'node_modules/@x/tool-linux-x64-musl': {} };
  assert.equal(missingPackages(hoisted).size, 0);
  const odd = { 'node_modules/tool': { ...tool, optionalDependencies: { fsevents: '~2.3.3' } } };
  assert.deepEqual([...missingPackages(odd)], [['node_modules/fsevents', undefined]]);
});
