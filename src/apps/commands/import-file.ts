import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileOnDisk, type ImportProgress } from '#master-data';
import { imports } from '../imports.ts';
import { type Command, consoleContext, progress, refuse, required, withStore } from './command.ts';

function readMapping(path: string | undefined): unknown {
  if (!path) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return refuse(`The mapping file ${path} cannot be read: ${(error as Error).message}.`);
  }
}

/** Tells of every tenth of the file. */
function tellTenths(): (state: ImportProgress) => void {
  let told = -1;
  return ({ done, rows }) => {
    const percent = Math.floor(done * 10) * 10;
    if (percent > told)
      progress(`${percent} %  ${rows.read} rows read, ${rows.stored} stored, ${rows.quarantined} in quarantine`);
    told = Math.max(told, percent);
  };
}

/** `import <file>`: loads a file of one kind. */
export const importCommand: Command = async (given) => {
  const file = given.rest[0] ?? refuse('import needs a file.');
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) refuse(`There is no file ${file}.`);
  const [kind, slug, mapping] = [
    required(given, 'kind'),
    required(given, 'tenant'),
    readMapping(given.options.mapping),
  ];
  return withStore(async (store) => {
    const context = await consoleContext(store, slug);
    const request = { kind, fileName: basename(file), source: fileOnDisk(file), mapping, onProgress: tellTenths() };
    const result = await imports.runImport(context, request);
    if (result.status !== 'finished') {
      const reasons = result.errors.map((error) => (typeof error === 'string' ? error : JSON.stringify(error)));
      refuse(reasons.join('; ') || 'The file was refused.');
    }
    const { read, stored, unchanged, quarantined } = result.rows;
    progress(`${file}: ${read} rows read, ${stored} stored, ${unchanged} unchanged, ${quarantined} in quarantine`);
    return { ...result };
  });
};
