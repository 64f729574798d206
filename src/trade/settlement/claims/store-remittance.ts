import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestors, inSavepoint } from '#master-data';
import { amountOf, fromMinor, type Money, money } from '#money';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import { type CaptureItem, captureItemIn } from './capture-item.ts';
import { type RemittanceRow, readRemittance, type UnreadRow } from './read-remittance.ts';
import { type CapturedLine, findCapturedLines, insertRemittance, type RemittanceLine } from './remittance-store.ts';

type Tx = TenantTx<Context>;

/** A line with the number that its deduction goes by, and what is taken off; null for an invoice. */
interface NumberedLine {
  row: RemittanceRow;
  amount: Money;
  own: string;
  taken: Money | null;
}

/** Several deducted lines of one number are several deductions: the second is `D-1 (2)`. */
function numbered(rows: readonly RemittanceRow[]): NumberedLine[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const { lineReference: reference, currency } = row;
    const amount = money(row.amount, currency);
    if (amount.minor > 0n) return { row, amount, own: reference, taken: null };
    const count = (seen.get(reference) ?? 0) + 1;
    seen.set(reference, count);
    return {
      row,
      amount,
      own: count > 1 ? `${reference} (${count})` : reference,
      taken: fromMinor(-amount.minor, currency),
    };
  });
}

const deducted = (lines: readonly NumberedLine[]) => lines.filter((line) => line.taken !== null);

/** Throws `code.taken` where a line's deduction was captured before with another amount, or in another remittance. */
function requireLinkable({ own, taken, row }: NumberedLine, known: CapturedLine): void {
  const { amount, remittance } = known;
  if (remittance === null && taken && amount.currency === taken.currency && amount.minor === taken.minor) return;
  const how = remittance === null ? `with ${amountOf(amount)} ${amount.currency}` : `of remittance ${remittance}`;
  throw new Problem('code.taken', { detail: `${own} of ${row.paidOn} is there ${how}` });
}

/** What was captured of the lines of a remittance before. Throws `code.taken` where it is not the same. */
async function knownLines(
  tx: Tx,
  customerId: string,
  lines: readonly NumberedLine[],
): Promise<Map<string, CapturedLine>> {
  const [first] = lines;
  if (!first) return new Map();
  const own = deducted(lines);
  const key = { customerId, takenOn: first.row.paidOn };
  const known = await findCapturedLines(
    tx,
    key,
    own.map((line) => line.own),
  );
  for (const line of own) {
    const there = known.get(line.own);
    if (there) requireLinkable(line, there);
  }
  return known;
}

async function captureLine(
  tx: Tx,
  customerLine: readonly string[],
  { row, own, taken }: NumberedLine,
): Promise<string> {
  const { currency, paidOn: takenOn, reasonCode, note, tax } = row;
  const line: CaptureItem = {
    ...{ kind: 'deduction', customerId: customerLine[0] ?? '', reference: own, takenOn, reasonCode, note },
    ...{ amount: { amount: taken ? amountOf(taken) : '0', currency }, tax: tax ?? undefined },
  };
  return (await captureItemIn(tx, line, customerLine)).id;
}

/** Stores a remittance that may be taken, with its deductions. Throws `code.taken` where one was captured otherwise. */
export async function storeRemittance(
  tx: Tx,
  customerId: string,
  rows: readonly RemittanceRow[],
  total: Money,
): Promise<void> {
  const [first] = rows as [RemittanceRow, ...RemittanceRow[]];
  const customerLine = await customerAncestors(tx, customerId);
  const all = numbered(rows);
  const known = await knownLines(tx, customerId, all);
  const lines: RemittanceLine[] = [];
  for (const line of all) {
    const { amount, row } = line;
    const kind = line.taken ? ('deduction' as const) : ('invoice' as const);
    const itemId = line.taken ? (known.get(line.own)?.id ?? (await captureLine(tx, customerLine, line))) : null;
    lines.push({ kind, reference: row.lineReference, amount, itemId });
  }
  const id = tx.context.newId();
  const remittance = { id, customerId, reference: first.reference, paidOn: first.paidOn, total };
  await insertRemittance(tx, remittance, lines);
  await recordAudit(tx, {
    ...{ action: 'remittance.captured', entityType: 'remittance', entityId: id },
    after: { ...remittance, total: amountOf(total), currency: total.currency, lines: lines.length },
  });
}

/** Deductions that are captured in one transaction: well under a second. */
const capturedAtOnce = 100;

/**
 * Captures the deductions of a remittance that is too long for one transaction, some at a time; the remittance then finds
 * and links them as it does what was captured before. Nothing of one that would be refused.
 */
export async function captureAhead(
  context: Context,
  rows: readonly RemittanceRow[],
  unread: readonly UnreadRow[],
): Promise<void> {
  const lines = deducted(numbered(rows));
  if (lines.length <= capturedAtOnce) return;
  const found = await context.db.read(context, async (tx) => {
    const taken = await readRemittance(tx, rows, unread);
    if (!('customerId' in taken)) return null;
    try {
      const known = await knownLines(tx, taken.customerId, lines);
      return { known, customerLine: await customerAncestors(tx, taken.customerId) };
    } catch (error) {
      if (error instanceof Problem) return null;
      throw error;
    }
  });
  const missing = found ? lines.filter(({ own }) => !found.known.has(own)) : [];
  for (let at = 0; at < missing.length; at += capturedAtOnce) {
    await context.db.transact(context, async (tx) => {
      for (const line of missing.slice(at, at + capturedAtOnce)) {
        // What somebody else captured just now is linked or refused by the remittance.
        await inSavepoint(tx, () => captureLine(tx, found?.customerLine ?? [], line));
      }
    });
  }
}
