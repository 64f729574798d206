import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { restoreLinks } from './binaries.ts';

const folder = mkdtempSync(join(tmpdir(), 'tradeai-links-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const names = Array.from({ length: 40 }, (_, index) => `libexample${index}.so`);

/** A package as npm unpacks it: the libraries under their full names, the list of links, no link. */
function unpackedPackage(name: string): string {
  const native = join(folder, name, 'native');
  mkdirSync(join(native, 'lib'), { recursive: true });
  const links = names.map((link) => ({ source: `native/lib/${link}.1.2`, target: `native/lib/${link}` }));
  for (const link of names) writeFileSync(join(native, 'lib', `${link}.1.2`), link);
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  return native;
}

function assertWhole(native: string): void {
  assert.equal(readdirSync(join(native, 'lib')).length, names.length * 2, 'nothing but the libraries and their links');
  for (const link of names) assert.equal(readFileSync(join(native, 'lib', link), 'utf8'), link);
}

test('library links that npm did not make are restored, and wrong ones repaired', () => {
  const native = unpackedPackage('once');
  symlinkSync('libexample1.so.0', join(native, 'lib', 'libexample0.so'));
  assert.equal(restoreLinks(native), true);
  assertWhole(native);
  assert.equal(readlinkSync(join(native, 'lib', 'libexample0.so')), 'libexample0.so.1.2');
  assert.equal(restoreLinks(native), true);
  assertWhole(native);
});

test('processes that restore library links at the same time all succeed and leave nothing behind', async () => {
  const native = unpackedPackage('together');
  const script = `import { restoreLinks } from ${JSON.stringify(import.meta.resolve('./binaries.ts'))};
    process.exitCode = restoreLinks(${JSON.stringify(native)}) ? 0 : 1;`;
  const run = async (): Promise<unknown> => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    return (await once(child, 'exit'))[0];
  };
  assert.deepEqual(await Promise.all([run(), run(), run(), run()]), [0, 0, 0, 0]);
  assertWhole(native);
});
