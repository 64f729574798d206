import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a requirement of the standard stands here; null: nobody has decided yet (level 2 only). */
export interface AsvsEntry {
  status: 'met' | 'open' | 'not applicable';
  /** How it is met, what is missing, or why it does not apply. */
  how: string;
  tests?: { file: string; name: string }[];
}

/** The register, by requirement; the standard's own text is not repeated (CC BY-SA 4.0). */
export interface AsvsRegister {
  standard: string;
  level1: Record<string, AsvsEntry>;
  level2: Record<string, AsvsEntry | null>;
}

/** The register in `docs/asvs.json`. */
export function readAsvs(root: string): AsvsRegister {
  return JSON.parse(readFileSync(join(root, 'docs/asvs.json'), 'utf8')) as AsvsRegister;
}

const cell = (text: string) => text.replaceAll('|', '\\|');

function rows(entries: [id: string, entry: AsvsEntry][]): string[] {
  return entries.map(([id, { status, how, tests = [] }]) => {
    const shown = tests.map(({ file, name }) => `\`${file}\`: ${cell(name)}`).join('<br>');
    return `| ${id} | ${status} | ${cell(how)} | ${shown || '–'} |`;
  });
}

/** `docs/asvs.md`: the register to read. */
export function asvsDocument({ standard, level1, level2 }: AsvsRegister): string {
  const first = Object.entries(level1);
  const decided = Object.entries(level2).filter((entry): entry is [string, AsvsEntry] => entry[1] !== null);
  const undecided = Object.keys(level2).length - decided.length;
  const count = (entries: [string, AsvsEntry][], status: AsvsEntry['status']) =>
    entries.filter(([, entry]) => entry.status === status).length;
  const tally = (entries: [string, AsvsEntry][]) =>
    `${count(entries, 'met')} met, ${count(entries, 'not applicable')} not applicable, ${count(entries, 'open')} open`;
  const head = ['| Requirement | Status | How | Shown by |', '| --- | --- | --- | --- |'];
  return [
    `# ${standard}: register`,
    '',
    'Generated from `docs/asvs.json` (`npm run generate`). The numbers are those of the standard, whose text is at',
    '<https://github.com/OWASP/ASVS>; `test/architecture/asvs.test.ts` holds that every test named here exists.',
    '',
    `**Level 1**: ${first.length} requirements: ${tally(first)}.`,
    `**Level 2**: ${Object.keys(level2).length} requirements: ${tally(decided)}, ${undecided} undecided.`,
    '',
    '## Level 1',
    '',
    ...head,
    ...rows(first),
    '',
    '## Level 2, as far as decided',
    '',
    ...head,
    ...rows(decided),
    '',
  ].join('\n');
}
