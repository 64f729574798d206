/** Refuses licences of the GPL family among the packages that the product is shipped with: exits 1 and names them. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A package of the lock file (npm's format 3), as far as licences go. */
export interface LockedPackage {
  version?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
}

/** Names that may not be shipped: GPL, LGPL, AGPL in any version, and SSPL. A choice (`MIT OR GPL-3.0`) is fine. */
const refused = /\b(A|L)?GPL\b|\bSSPL\b/i;

function mayShip(licence: string): boolean {
  return licence
    .replace(/[()]/g, '')
    .split(/\s+OR\s+/i)
    .some((choice) => !refused.test(choice));
}

/**
 * One line for each shipped package whose licence is refused or unknown. `licenceOf` is asked where the lock file has
 * none: it reads the package itself.
 */
export function licenceProblems(
  packages: Record<string, LockedPackage>,
  licenceOf: (folder: string) => string | undefined,
): string[] {
  return Object.entries(packages)
    .filter(([folder, { dev }]) => folder !== '' && !dev)
    .flatMap(([folder, locked]) => {
      const licence = locked.license ?? licenceOf(folder);
      // An optional package of another platform is not installed here; npm writes its licence where there is one.
      if (licence === undefined) return locked.optional ? [] : [`${folder}: no licence given`];
      return mayShip(licence) ? [] : [`${folder}: ${licence}`];
    });
}

function licenceInFolder(root: string, folder: string): string | undefined {
  const manifest = `${root}/${folder}/package.json`;
  if (!existsSync(manifest)) return undefined;
  const { license } = JSON.parse(readFileSync(manifest, 'utf8')) as { license?: string | { type?: string } };
  return (typeof license === 'string' ? license : license?.type) ?? licenceInFile(`${root}/${folder}/LICENSE`);
}

/** The licence that a file's first line names, for packages whose manifest forgot it. */
function licenceInFile(file: string): string | undefined {
  const first = existsSync(file) ? readFileSync(file, 'utf8').trimStart().split('\n')[0]?.trim() : undefined;
  return first === 'MIT License' || first === 'The MIT License (MIT)' ? 'MIT' : undefined;
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const problems = licenceProblems(lock.packages, (folder) => licenceInFolder(root, folder));
  const shipped = Object.values(lock.packages).filter(({ dev }) => !dev).length - 1;
  console.log(problems.length ? problems.join('\n') : `${shipped} shipped packages, none of the GPL family`);
  process.exitCode = problems.length ? 1 : 0;
}
