/** Checks the import rules of .dependency-cruiser.mjs: `node scripts/check-imports.ts`; exits 1 where one is broken. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The source folders below `root` that the rules speak of, as far as they are there. */
export function cruisedFolders(root: string): string[] {
  return ['src', 'web/src', 'demo', 'test', 'bench', 'scripts'].filter((folder) => existsSync(join(root, folder)));
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [cli, '--config', '.dependency-cruiser.mjs', ...cruisedFolders(root)];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  // It warns that it finds no TypeScript < 7, which the swc parser does not need.
  console.log(stdout.split('‼ missing-tsc-transpiler')[0]?.trim());
  process.exitCode = status ?? 1;
}
