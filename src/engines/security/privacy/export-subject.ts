import { promisify } from 'node:util';
import { type AsyncZippable, strToU8, zip } from 'fflate';
import type { Context } from '#context';
import type { PersonalData } from '#module';
import { recordAudit } from '../audit/record-audit.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import { getPerson } from '../people/list-people.ts';
import { processingRecord } from './processing.ts';
import { isOfPerson, maxExportRows, readSubjectRows, type SubjectRows } from './subject-data-store.ts';

/** A file that a browser saves. */
export interface SubjectExport {
  fileName: string;
  bytes: Uint8Array;
}

const pack = promisify<AsyncZippable, Uint8Array>((files, done) => zip(files, { level: 6 }, done));

/** A cell of CSV (RFC 4180); what a spreadsheet would run as a formula begins with an apostrophe. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text =
    value instanceof Date ? value.toISOString() : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function csvOf({ rows }: SubjectRows): string {
  const head = Object.keys(rows[0] ?? {});
  return [head, ...rows.map((row) => head.map((name) => row[name]))]
    .map((line) => `${line.map(cell).join(',')}\r\n`)
    .join('');
}

/**
 * Everything that the product holds of a person as a ZIP: `data.json` with all of it, one CSV a table, and for access
 * (Article 15) why it is processed and for how long. `portability` (Article 20) holds what they gave us. Audited as a read of
 * personal data. Throws `not_found`.
 */
export async function exportSubject(
  context: Context,
  declared: readonly PersonalData[],
  personId: string,
  kind: 'access' | 'portability',
): Promise<SubjectExport> {
  const person = await context.db.read(context, (tx) => getPerson(tx, personId));
  const wanted = declared.filter(isOfPerson).filter(({ provided }) => kind === 'access' || provided);
  const tables: SubjectRows[] = [];
  for (const data of wanted) {
    const found = await readSubjectRows(context, data, personId);
    if (found.rows.length > 0) tables.push(found);
  }
  const about = {
    person: { id: person.id, name: person.name, email: person.email },
    kind,
    tenant: context.tenant.slug,
    madeAt: context.clock.now().toISOString(),
    cutShort: tables.filter(({ cutShort }) => cutShort).map(({ table }) => `${table}: the first ${maxExportRows} rows`),
  };
  const data = Object.fromEntries(tables.map(({ table, rows }) => [table, rows]));
  const files: AsyncZippable = {
    'data.json': strToU8(`${JSON.stringify({ about, data }, null, 2)}\n`),
    ...Object.fromEntries(tables.map((one) => [`${one.table}.csv`, strToU8(csvOf(one))])),
  };
  if (kind === 'access') {
    const processing = processingRecord(wanted);
    files['processing.json'] = strToU8(`${JSON.stringify({ about, processing }, null, 2)}\n`);
  }
  const bytes = await pack(files);
  const counts = tables.map(({ table, rows }) => ({ table, rows: rows.length }));
  await context.db.transact(context, async (tx) => {
    const after = { kind, tables: counts };
    await recordAudit(tx, { action: 'personal_data.exported', entityType: 'person', entityId: personId, after });
    const rows = counts.reduce((sum, one) => sum + one.rows, 0);
    await recordSecurityEvent(tx, {
      kind: 'data.exported',
      personId: context.actor.id,
      subjectId: personId,
      detail: { what: 'personal_data', rows },
    });
  });
  return { fileName: `personal-data-${personId}.zip`, bytes };
}
