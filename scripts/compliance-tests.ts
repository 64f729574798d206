/**
 * Runs the tests that controls name as their evidence, and writes what they found where the product reads it:
 * `npm run compliance:tests`. Ends with 1 where one failed or does not exist.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourcesDigest } from '#security';
import { controls, testedFolders } from '../src/apps/modules.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const named = controls.flatMap(({ code, evidence }) =>
  evidence.kind === 'tests' ? evidence.tests.map((test) => ({ code, ...test })) : [],
);
const files = [...new Set(named.map(({ file }) => file))].sort();
console.log(`${named.length} tests of ${files.length} files …`);
// Before they run: what is changed meanwhile was not tested.
const sources = sourcesDigest(testedFolders);
const ran = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-global-setup=test/global-setup.ts',
    '--test-reporter=./scripts/compliance/test-reporter.mjs',
    ...files,
  ],
  { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'inherit'] },
);
const results = ran.stdout
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line) as { file: string; name: string; passed: boolean });
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
writeFileSync(
  join(root, 'compliance-tests.json'),
  `${JSON.stringify({ version, sources, ranAt: new Date().toISOString(), results }, null, 2)}\n`,
);
const wrong = named.filter(
  ({ file, name }) => !results.some((result) => result.file === file && result.name === name && result.passed),
);
for (const { code, file, name } of wrong) console.log(`not shown: ${code}: ${file}: ${name}`);
console.log(
  `${named.length - wrong.length} passed, ${wrong.length} failed or not there; kept in compliance-tests.json`,
);
if (wrong.length > 0) process.exitCode = 1;
