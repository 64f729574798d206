import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { IConfiguration } from 'dependency-cruiser';
import { cruisedFolders } from '../../scripts/check-imports.ts';

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const sourceFolders = ['src', 'demo', 'test', 'bench', 'scripts', 'web/src'];

/** One file that breaks one rule, in a copy of the tree: rule, file, text. */
const plants: [rule: string, file: string, text: string][] = [
  ['platform-is-the-ground-floor', 'src/platform/money/planted-floor.ts', "import '#workflow';"],
  ['engines-know-nothing-of-trade', 'src/engines/workflow/planted-floor.ts', "import '#funds';"],
  ['trade-knows-no-app', 'src/trade/funds/planted-floor.ts', "import '../../apps/modules.ts';"],
  ['engines-import-no-engine', 'src/engines/realtime/planted-engine.ts', "import '#workflow';"],
  ['engines-import-no-engine', 'src/engines/security/planted-engine.ts', "import '#ml';"],
  [
    'gateway-and-observability-are-imported-by-nobody',
    'src/trade/funds/planted-gateway.ts',
    "import '../../engines/gateway/planted.ts';",
  ],
  ['modules-have-one-door', 'src/trade/funds/planted-door.ts', "import '../master-data/customer-store.ts';"],
  ['modules-have-one-door', 'src/trade/funds/planted-face.ts', "import '../master-data/index.ts';"],
  ['modules-have-one-door', 'src/trade/funds/planted-type.ts', "import type {} from '../master-data/index.ts';"],
  [
    'modules-have-one-door',
    'src/trade/funds/planted-late.ts',
    "export const late = import('../master-data/index.ts');",
  ],
  ['apps-use-the-doors', 'src/apps/planted-door.ts', "import '../trade/funds/fund-store.ts';"],
  ['outsiders-use-the-doors', 'test/planted-door.ts', "import '../src/trade/funds/fund-store.ts';"],
  ['domain-is-pure', 'src/trade/funds/domain/planted-store.ts', "import '../fund-store.ts';"],
  ['domain-is-pure', 'src/trade/settlement/books/domain/planted-store.ts', "import '../liability-store.ts';"],
  ['domain-is-pure', 'src/trade/funds/domain/planted-db.ts', "import '#db';"],
  ['domain-is-pure', 'src/trade/funds/domain/planted-node.ts', "import 'node:fs';"],
  ['domain-is-pure', 'src/trade/funds/domain/planted-package.ts', "import 'pg';"],
  ['domain-borrows-words-only', 'src/trade/funds/domain/planted-call.ts', "import '#master-data';"],
  ['the-product-stands-alone', 'src/trade/funds/planted-demo.ts', "import '../../../demo/maker.ts';"],
  ['apps-load-only-the-demo', 'src/apps/planted-script.ts', "import '../../test/house.ts';"],
  ['the-product-uses-no-test-code', 'src/trade/funds/planted-helper.ts', "import './planted-cases.test.ts';"],
  ['web-knows-the-api-only', 'web/src/planted.tsx', "import '../../src/platform/money/money.ts';"],
  ['no-cycles', 'src/trade/funds/planted-circle.ts', "import './planted-turn.ts';"],
  ['every-import-resolves', 'src/trade/funds/planted-nowhere.ts', "import './there-is-no-such-file.ts';"],
];

/** What the plants lead to, itself innocent. */
const grounds: [file: string, text: string][] = [
  ['src/engines/gateway/planted.ts', 'export {};'],
  ['src/trade/funds/planted-cases.test.ts', 'export {};'],
  ['src/trade/funds/planted-turn.ts', "import './planted-circle.ts';"],
  // What is allowed stays allowed: these four must not be reported.
  ['src/trade/funds/domain/planted-word.ts', "import type {} from '#master-data';"],
  ['src/trade/funds/domain/planted-money.ts', "import '#money';"],
  ['src/engines/realtime/planted-security.ts', "import '#security';"],
  ['src/apps/planted-demo.ts', "import '../../demo/maker.ts';"],
];

function copyOfTheTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'tradeai-import-rules-'));
  for (const folder of sourceFolders.filter((name) => existsSync(join(root, name)))) {
    cpSync(join(root, folder), join(copy, folder), { recursive: true });
  }
  for (const file of ['package.json', '.dependency-cruiser.mjs']) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

async function violationsIn(folder: string): Promise<Violation[]> {
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [cli, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...cruisedFolders(folder)];
  const run = promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 256 << 20 });
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout).summary.violations;
}

test('every import rule reports the violation that is planted for it, and nothing that is allowed', async (t) => {
  const copy = copyOfTheTree();
  t.after(() => rmSync(copy, { recursive: true }));
  for (const [file, text] of [...plants.map(([, file, text]) => [file, text] as const), ...grounds]) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), `${text}\n`);
  }
  const violations = await violationsIn(copy);
  const reported = new Set(violations.map(({ rule, from }) => `${rule.name}: ${from}`));
  for (const [rule, file] of plants) assert.ok(reported.has(`${rule}: ${file}`), `${rule} did not fire on ${file}`);
  const innocent = grounds.map(([file]) => file).filter((file) => !file.includes('turn'));
  assert.deepEqual(
    violations.filter(({ from }) => innocent.includes(from)),
    [],
  );
});

test('no import rule stands without a planted violation', async () => {
  const { default: config }: { default: IConfiguration } = await import(join(root, '.dependency-cruiser.mjs'));
  const rules = (config.forbidden ?? []).map(({ name }) => name);
  assert.deepEqual([...new Set(plants.map(([rule]) => rule))].sort(), [...rules].sort());
});
