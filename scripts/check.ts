/**
 * Every gate a change must pass before it lands, one after another: `npm run check`, or `npm run check -- types imports`
 * for some of them. Ends with a line per gate and exits 1 where one failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A gate: its name, what it guards and the command whose exit code decides. */
interface Gate {
  name: string;
  guards: string;
  command: [file: string, ...args: string[]];
}

const root = fileURLToPath(new URL('../', import.meta.url));
const node = process.execPath;
const tool = (path: string) => join(root, 'node_modules', path);
const script = (name: string, ...args: string[]): Gate['command'] => [node, join(root, 'scripts', name), ...args];

const gates: Gate[] = [
  { name: 'types', guards: 'server, demo, tests and scripts', command: [tool('.bin/tsc'), '-p', 'tsconfig.json'] },
  { name: 'types-web', guards: 'the web application', command: [tool('.bin/tsc'), '-p', 'web/tsconfig.json'] },
  {
    name: 'style',
    guards: 'format and lint',
    command: [tool('.bin/biome'), 'ci', '--colors=off', '--max-diagnostics=30', '.'],
  },
  { name: 'imports', guards: 'floors and doors of the house', command: script('check-imports.ts') },
  {
    name: 'dead-code',
    guards: 'files, exports and packages nobody uses',
    command: [tool('.bin/knip'), '--no-progress'],
  },
  { name: 'generated', guards: 'generated documents up to date', command: script('generate-reference.ts', '--check') },
  { name: 'lockfile', guards: 'npm ci works on every platform', command: script('check-lockfile.ts') },
  { name: 'licences', guards: 'no GPL family in what we ship', command: script('check-licences.ts') },
];

interface Verdict {
  name: string;
  guards: string;
  passed: boolean;
  seconds: number;
}

function pass({ name, guards, command: [file, ...args] }: Gate): Verdict {
  console.log(`\n== ${name}: ${guards}`);
  const began = performance.now();
  const { status } = spawnSync(file, args, { cwd: root, stdio: 'inherit' });
  return { name, guards, passed: status === 0, seconds: (performance.now() - began) / 1000 };
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !gates.some((gate) => gate.name === name));
if (unknown.length) {
  console.error(`There is no gate ${unknown.join(', ')}; there are ${gates.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const verdicts = gates
  .filter(({ name }) => chosen.length === 0 || chosen.includes(name))
  .filter(({ name }) => name !== 'types-web' || existsSync(join(root, 'web/tsconfig.json')))
  .map(pass);
console.log('');
for (const { name, passed, seconds } of verdicts) {
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name} (${seconds.toFixed(1)} s)`);
}
process.exitCode = verdicts.every(({ passed }) => passed) ? 0 : 1;
