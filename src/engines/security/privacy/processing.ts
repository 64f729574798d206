import type { LegalBasis, PersonalData } from '#module';

/** One line of the record of processing (GDPR, Article 30): what is done with which data, why and for how long. */
export interface ProcessingActivity {
  purpose: string;
  basis: LegalBasis;
  /** Table and column with what it tells. */
  data: { table: string; column: string; what: string }[];
  /** By table: how long it is kept, what an erasure does, and why it is not simply deleted. */
  tables: { table: string; kept: string; erasure: string; because: string | null }[];
}

/** The record of processing of a house: its declarations by purpose, in the order in which they were declared. */
export function processingRecord(declared: readonly PersonalData[]): ProcessingActivity[] {
  const record = new Map<string, ProcessingActivity>();
  for (const { table, columns, purpose, basis, retention, erasure, because } of declared) {
    const key = `${purpose}/${basis}`;
    const line = record.get(key) ?? { purpose, basis, data: [], tables: [] };
    record.set(key, line);
    for (const [column, what] of Object.entries(columns)) line.data.push({ table, column, what });
    line.tables.push({ table, kept: retention, erasure, because: because ?? null });
  }
  return [...record.values()];
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The record as a document; the tenant adds its name and contacts. */
export function processingDocument(declared: readonly PersonalData[]): string {
  const parts = processingRecord(declared).map(({ purpose, basis, data, tables }) =>
    [
      `## ${purpose}`,
      '',
      `Legal basis: ${basis} (Article 6 (1)).`,
      '',
      '| Table | Column | What it tells |',
      '| --- | --- | --- |',
      ...data.map(({ table, column, what }) => `| \`${table}\` | \`${column}\` | ${cell(what)} |`),
      '',
      '| Table | Kept | When a person is erased |',
      '| --- | --- | --- |',
      ...tables.map(
        ({ table, kept, erasure, because }) =>
          `| \`${table}\` | ${cell(kept)} | ${cell(because === null ? erasure : `${erasure}: ${because}`)} |`,
      ),
      '',
    ].join('\n'),
  );
  return `${[
    '# Record of processing',
    '',
    'GDPR, Article 30, generated from what the modules declare (`npm run generate`); a test fails where a column is in neither this',
    'record nor the list of those that hold nothing personal. Whoever runs the product adds the name and contacts of the controller',
    'and of its data protection officer.',
    '',
    '**Data subjects**: the people who work with the product, those who are invited, and those whom their comments, notes and papers',
    'name. **Recipients**: people of the same tenant by their permissions; nobody outside, but the mail server that is set.',
    '**Third countries**: none by the product. **Security**: docs/security.md; names, e-mails, one-time links, second factors and',
    'session labels are sealed under a key of each person. Other tables name people by their id only (who made, approved or settled);',
    'without the sealed name it is a pseudonym.',
    '',
    ...parts,
  ].join('\n')}`;
}
