/**
 * Checks that package-lock.json names every optional package of every platform: `npm ci` refuses one that does not, and
 * `npm install` leaves out those that the registry at hand does not carry. `--write` adds them (version, system and
 * processor; they are never fetched on another platform).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Locked {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const systems: Record<string, string> = { windows: 'win32' };
for (const os of ['android', 'darwin', 'freebsd', 'linux', 'win32', 'openharmony', 'netbsd', 'openbsd'])
  systems[os] = os;
const processors = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'wasm32', 'mips64el'];

/** Whether a package that stands in `folder` finds `name`, in its own node_modules or in one above. */
function isLocked(packages: Record<string, Locked>, folder: string, name: string): boolean {
  for (let at = folder; ; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

/** The entry of a package that is named after its platform (`binding-linux-x64-musl`), or undefined. */
function entryFor(name: string, version: string, dev: boolean): Locked | undefined {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const os = words.map((word) => systems[word]).find((found) => found !== undefined);
  const cpu = processors.find((processor) => words.includes(processor));
  if (!cpu || (!os && cpu !== 'wasm32') || !/^\d/.test(version)) return undefined;
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(words.some((word) => word.startsWith('musl')) ? { libc: ['musl'] } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
  };
}

/** What a lock file lacks, by the folder it belongs in; `undefined` where only npm could say what it is. */
export function missingPackages(packages: Record<string, Locked>): Map<string, Locked | undefined> {
  const missing = new Map<string, Locked | undefined>();
  for (const [folder, { optionalDependencies = {}, dev = false }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!isLocked(packages, folder, name)) missing.set(`node_modules/${name}`, entryFor(name, version, dev));
    }
  }
  return missing;
}

if (import.meta.main) {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> };
  const missing = missingPackages(lock.packages);
  if (process.argv.includes('--write')) {
    for (const [folder, entry] of missing) if (entry) lock.packages[folder] = entry;
    const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  }
  const left = process.argv.includes('--write') ? [...missing].filter(([, entry]) => !entry) : [...missing];
  for (const [folder] of left) console.error(`${folder} is missing: run node scripts/check-lockfile.ts --write`);
  if (left.length === 0) console.log('package-lock.json names the packages of every platform');
  process.exitCode = left.length ? 1 : 0;
}
