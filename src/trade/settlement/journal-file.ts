import { amountOf } from '#money';
import type { Journal, StoredLine } from './journal-store.ts';

/** A text as a CSV cell (RFC 4180); what a spreadsheet would run as a formula is led by an apostrophe. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const header = [
  ...['journal_id', 'kind', 'fiscal_year', 'period', 'posting_date', 'line', 'account', 'debit', 'credit', 'currency'],
  ...['customer_code', 'promotion_id', 'tactic_id'],
];

/** The journal as CSV, one row a line, CRLF, amounts in the currency's digits. */
export function journalCsv(journal: Journal, lines: readonly StoredLine[]): string {
  const rows = lines.map((line) => {
    const amount = amountOf(line.amount);
    return [
      ...[journal.id, journal.kind, String(journal.fiscalYear), String(journal.period), journal.periodEndsOn],
      ...[String(line.position + 1), line.account, line.side === 'debit' ? amount : ''],
      ...[line.side === 'credit' ? amount : '', journal.currency, line.customerCode],
      ...[line.promotionId ?? '', line.tacticId ?? ''],
    ];
  });
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
