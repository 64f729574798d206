import { amountOf, moneyFromNumeric } from '#money';
import type { Journal, StoredLine } from './journal-store.ts';

const amount = /^-?\d+(\.\d+)?$/;

/** A text as a CSV cell (RFC 4180); what a spreadsheet would run as a formula is led by an apostrophe. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !amount.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows as CSV with CRLF. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

const header = [
  ...['journal_id', 'kind', 'fiscal_year', 'period', 'posting_date', 'line', 'account', 'debit', 'credit', 'currency'],
  ...['customer_code', 'promotion_id', 'tactic_id', 'gl_account', 'cost_centre', 'gl_mapping'],
];

type Batches = AsyncIterable<readonly StoredLine[]>;

/** The journal as CSV, one row a line, amounts in the currency's digits (docs/journal-export.md); a piece a batch. */
export async function* journalFileCsv(journal: Journal, batches: Batches): AsyncIterable<string> {
  yield csvOf([header]);
  for await (const lines of batches) yield csvOf(lines.map((line) => csvRow(journal, line)));
}

function csvRow(journal: Journal, line: StoredLine): string[] {
  const value = amountOf(line.amount);
  return [
    ...[journal.id, journal.kind, String(journal.fiscalYear), String(journal.period), journal.postingOn],
    ...[String(line.position + 1), line.account, line.side === 'debit' ? value : ''],
    ...[line.side === 'credit' ? value : '', journal.currency, line.customerCode],
    ...[line.promotionId ?? '', line.tacticId ?? '', line.glAccount ?? '', line.costCentre ?? ''],
    journal.glMapping === null ? '' : String(journal.glMapping),
  ];
}

/** A line in {@link JournalFile}. */
interface JournalFileLine {
  line: number;
  account: string;
  glAccount: string | null;
  costCentre: string | null;
  debit: string | null;
  credit: string | null;
  customerCode: string;
  promotionId: string | null;
  tacticId: string | null;
}

/** A journal for an ERP, in the shape of docs/journal-export.md: the same journal is always the same file. */
interface JournalFile {
  format: 'tradeai.journal';
  formatVersion: 1;
  /** The importer's key: a journal that comes again is the same. */
  id: string;
  kind: Journal['kind'];
  fiscalYear: number;
  period: number;
  postingDate: string;
  currency: string;
  total: string;
  glMapping: number | null;
  preparedBy: string;
  approvedBy: string | null;
  postedAt: string | null;
  lines: JournalFileLine[];
}

/** The journal as the JSON of a {@link JournalFile}, a piece a batch. */
export async function* journalFileJson(journal: Journal, batches: Batches): AsyncIterable<string> {
  const whole: JournalFile = {
    ...{ format: 'tradeai.journal', formatVersion: 1, id: journal.id, kind: journal.kind },
    ...{ fiscalYear: journal.fiscalYear, period: journal.period, postingDate: journal.postingOn },
    ...{ currency: journal.currency, total: amountOf(moneyFromNumeric(journal.total, journal.currency)) },
    ...{ glMapping: journal.glMapping, preparedBy: journal.preparedBy, approvedBy: journal.approvedBy },
    ...{ postedAt: journal.postedAt?.toISOString() ?? null, lines: [] },
  };
  // The head up to the bracket that opens the lines.
  yield JSON.stringify(whole).slice(0, -2);
  let separator = '';
  for await (const lines of batches) {
    yield separator + lines.map((line) => JSON.stringify(jsonLine(line))).join();
    separator = ',';
  }
  yield ']}';
}

function jsonLine(line: StoredLine): JournalFileLine {
  return {
    ...{ line: line.position + 1, account: line.account, glAccount: line.glAccount, costCentre: line.costCentre },
    debit: line.side === 'debit' ? amountOf(line.amount) : null,
    credit: line.side === 'credit' ? amountOf(line.amount) : null,
    ...{ customerCode: line.customerCode, promotionId: line.promotionId, tacticId: line.tacticId },
  };
}
