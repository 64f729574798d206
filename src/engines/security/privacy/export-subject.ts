import { promisify } from 'node:util';
import { type AsyncZippable, strToU8, zip } from 'fflate';
import type { Context } from '#context';
import type { PersonalData } from '#module';
import { recordAudit } from '../audit/record-audit.ts';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import { getPerson } from '../people/list-people.ts';
import { processingRecord } from './processing.ts';
import { isOfPerson, maxExportRows, type OfPerson, readSubjectRows } from './subject-data-store.ts';

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

const lineOf = (cells: readonly unknown[]) => `${cells.map(cell).join(',')}\r\n`;

/** What a table holds of a person, written as it was read. */
interface WrittenTable {
  table: string;
  rows: number;
  cutShort: boolean;
  /** The rows as JSON, one a line, without the brackets around them. */
  json: Buffer;
  csv: Buffer;
}

async function writeTable(context: Context, data: OfPerson, personId: string): Promise<WrittenTable> {
  const [json, csv]: [Buffer[], Buffer[]] = [[], []];
  let rows = 0;
  const { cutShort } = await readSubjectRows(context, data, personId, (batch) => {
    const head = Object.keys(batch[0] ?? {});
    const lines = batch.map((row) => lineOf(head.map((name) => row[name])));
    csv.push(Buffer.from((rows === 0 ? lineOf(head) : '') + lines.join('')));
    json.push(Buffer.from((rows === 0 ? '' : ',\n') + batch.map((row) => JSON.stringify(row)).join(',\n')));
    rows += batch.length;
  });
  return { table: data.table, rows, cutShort, json: Buffer.concat(json), csv: Buffer.concat(csv) };
}

/** `{about, data: {table: [row]}}`, of parts that were written before. */
function dataFile(about: unknown, tables: readonly WrittenTable[]): Buffer {
  const parts = tables.flatMap(({ table, json }, at) => [
    Buffer.from(`${at === 0 ? '' : ','}\n${JSON.stringify(table)}: [\n`),
    json,
    Buffer.from('\n]'),
  ]);
  return Buffer.concat([Buffer.from(`{"about": ${JSON.stringify(about)},\n"data": {`), ...parts, Buffer.from('}}\n')]);
}

/**
 * Everything that the product holds of a person as a ZIP: `data.json` with all of it, one CSV a table, and for access
 * (Article 15) why it is processed and for how long. Read and written in batches, compressed in threads of their own, so that
 * others are served meanwhile. `portability` (Article 20) holds what they gave us. Audited as a read of
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
  const tables: WrittenTable[] = [];
  for (const data of wanted) {
    const written = await writeTable(context, data, personId);
    if (written.rows > 0) tables.push(written);
  }
  const about = {
    person: { id: person.id, name: person.name, email: person.email },
    kind,
    tenant: context.tenant.slug,
    madeAt: context.clock.now().toISOString(),
    cutShort: tables.filter(({ cutShort }) => cutShort).map(({ table }) => `${table}: the first ${maxExportRows} rows`),
  };
  const files: AsyncZippable = {
    'data.json': dataFile(about, tables),
    ...Object.fromEntries(tables.map(({ table, csv }) => [`${table}.csv`, csv])),
  };
  if (kind === 'access') {
    const processing = processingRecord(wanted);
    files['processing.json'] = strToU8(`${JSON.stringify({ about, processing }, null, 2)}\n`);
  }
  const bytes = await pack(files);
  const counts = tables.map(({ table, rows }) => ({ table, rows }));
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
