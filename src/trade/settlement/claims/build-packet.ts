import { createHash } from 'node:crypto';
import { type Zippable, zipSync } from 'fflate';
import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { type Customer, findCustomers } from '#master-data';
import { amountOf, type Money } from '#money';
import { type AuditItem, listAudit } from '#security';
import { findLiabilities, listAccrualEntries, type TacticLiability } from '../books/liability-store.ts';
import { type Attachment, listAttachments, readContent } from './attachment-store.ts';
import type { ClaimsPorts, PromotionDossier } from './claims-ports.ts';
import { type PacketTable, packetFiles } from './domain/dispute-packet.ts';
import { type ItemKind, openAmount } from './domain/settlement-item.ts';
import { itemJson } from './item-json.ts';
import {
  findItem,
  findParts,
  type ItemMatch,
  listSettlements,
  readMatches,
  type SettlementItem,
} from './item-store.ts';

type Tx = TenantTx<Context>;

/** Most accrual entries and audit entries that a packet shows. */
const mostRows = 200;

/** Everything that speaks about an item. */
interface Evidence {
  item: SettlementItem;
  customer: Customer | undefined;
  matches: ItemMatch[];
  parts: SettlementItem[];
  liabilities: TacticLiability[];
  accruals: Awaited<ReturnType<typeof listAccrualEntries>>['items'];
  settlements: Awaited<ReturnType<typeof listSettlements>>['items'];
  dossiers: PromotionDossier[];
  attachments: Attachment[];
  history: AuditItem[];
}

async function readEvidence(tx: Tx, ports: ClaimsPorts, kind: ItemKind, id: string): Promise<Evidence> {
  const item = await findItem(tx, kind, id);
  const matches = await readMatches(tx, item);
  const tacticIds = matches.map(({ tacticId }) => tacticId);
  const page = { limit: mostRows };
  const ofTactics = [sql`entry.tactic_id = any(${tacticIds}::uuid[])`];
  return {
    item,
    customer: (await findCustomers(tx, { ids: [item.customerId] }))[0],
    matches,
    parts: await findParts(tx, id),
    liabilities: await findLiabilities(tx, tacticIds),
    accruals: tacticIds.length === 0 ? [] : (await listAccrualEntries(tx, page, ofTactics)).items,
    settlements: (await listSettlements(tx, page, [sql`settlement.item_id = ${id}`])).items,
    dossiers: await ports.promotionDossiers(tx, [...new Set(matches.map(({ promotionCode }) => promotionCode))]),
    attachments: await listAttachments(tx, id),
    history: (await listAudit(tx, { entityType: kind, entityId: id }, { ...page, sort: 'at' })).items,
  };
}

const text = (value: Money) => `${amountOf(value)} ${value.currency}`;
const words = (value: string) => value.replaceAll('_', ' ');
/** What a cell shows of a field of a dossier. */
const cell = (value: unknown) => (typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value));

function paperPath(attachment: Attachment, at: number): string {
  const plain = attachment.fileName.replace(/[^\p{L}\p{N}._-]+/gu, '_');
  return `papers/${String(at + 1).padStart(2, '0')}-${plain}`;
}

function itemTable({ item, customer }: Evidence): PacketTable {
  return {
    title: 'What was taken',
    columns: ['Field', 'Value'],
    rows: [
      ['Customer', `${customer?.code ?? ''} ${customer?.name ?? ''}`.trim()],
      ['Reference', item.reference],
      ['Amount', text(item.amount)],
      ['Tax inside', text(item.tax)],
      ['Taken on', item.takenOn],
      ['Dispute by', item.disputeByOn],
      ['Reason code', item.reasonCode ?? ''],
      ['Category', words(item.category ?? '')],
      ['State', words(item.state)],
      ['Valid', item.validAmount ? text(item.validAmount) : 'not reviewed'],
      ['Open', text(openAmount(item))],
      ['Text', item.note],
      ['Valid without proof, because', item.proofWaived ?? ''],
      ...item.flags.map(({ flag, reason }) => [words(flag), reason]),
    ],
  };
}

function tablesOf(evidence: Evidence): PacketTable[] {
  const { matches, liabilities, dossiers, accruals, settlements, attachments, history } = evidence;
  return [
    itemTable(evidence),
    {
      title: 'Matched to',
      columns: ['Promotion', 'Mechanic', 'Matched', 'Earned', 'Settled', 'Released', 'Claim by'],
      rows: matches.map((match) => {
        const owed = liabilities.find(({ tacticId }) => tacticId === match.tacticId);
        const sums = owed
          ? [text(owed.earned), text(owed.settled), text(owed.released), owed.claimByOn]
          : ['', '', '', ''];
        return [match.promotionCode, words(match.mechanic), text(match.amount), ...sums];
      }),
    },
    {
      title: 'What was agreed',
      columns: ['Promotion', 'Name', 'In store', 'Mechanic', 'Rate', 'Lump sum', 'Versions'],
      rows: dossiers.flatMap(({ code, name, startsOn, endsOn, tactics, versions }) =>
        tactics.map(({ mechanic, rate, lumpSum }) => [
          ...[code, name, `${startsOn} – ${endsOn}`, words(cell(mechanic)), cell(rate), cell(lumpSum)],
          String(versions.length),
        ]),
      ),
    },
    {
      title: 'Accruals',
      columns: ['Recorded', 'Kind', 'Amount', 'Tactic', 'Journal'],
      rows: accruals.map(({ recordedAt, kind, amount, currency, tacticId, journalId }) => [
        ...[recordedAt.toISOString(), kind, `${amount} ${currency}`, tacticId, journalId],
      ]),
    },
    {
      title: 'Settlements',
      columns: ['Settled', 'Kind', 'Amount', 'Note'],
      rows: settlements.map((one) => [
        ...[one.settledAt.toISOString(), words(one.kind), `${one.amount} ${one.currency}`, one.note],
      ]),
    },
    {
      title: 'Papers',
      columns: ['File', 'Purpose', 'Type', 'Bytes', 'SHA-256'],
      rows: attachments.map((paper, at) => [
        ...[paperPath(paper, at), words(paper.purpose), paper.mediaType, String(paper.bytes), paper.sha256],
      ]),
    },
    {
      title: 'History',
      columns: ['When', 'Who', 'What', 'Reason'],
      rows: history.map(({ at, actorName, action, reason }) => [at, actorName, words(action), reason ?? '']),
    },
  ];
}

/** The oldest day that a ZIP can carry: the same evidence makes the same bytes whenever it is packed. */
const zipDay = new Date(1980, 0, 1, 12);

/**
 * The evidence of a dispute as a ZIP: index.html, index.csv, packet.json (item, promotion versions, tactic terms, volumes,
 * accruals, matches, history) and the papers with their hashes. The same evidence makes the same bytes. Throws `not_found`.
 */
export async function buildPacket(
  context: Context,
  ports: ClaimsPorts,
  kind: ItemKind,
  id: string,
): Promise<{ fileName: string; bytes: Uint8Array; sha256: string }> {
  return context.db.read(context, async (tx) => {
    const evidence = await readEvidence(tx, ports, kind, id);
    const papers: { path: string; bytes: Uint8Array }[] = [];
    for (const [at, paper] of evidence.attachments.entries()) {
      papers.push({ path: paperPath(paper, at), bytes: await readContent(tx, paper.id) });
    }
    const title = `${kind === 'deduction' ? 'Deduction' : 'Claim'} ${evidence.item.reference}`;
    const files = packetFiles({ title, tables: tablesOf(evidence), data: packetData(evidence), papers });
    const entries: Zippable = {};
    for (const file of files) entries[file.path] = [file.bytes, { mtime: zipDay }];
    const bytes = zipSync(entries);
    const plain = evidence.item.reference.replace(/[^A-Za-z0-9._-]+/g, '_');
    return { fileName: `${kind}-${plain}.zip`, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}

function packetData({ item, parts, liabilities, matches, ...evidence }: Evidence): unknown {
  return {
    ...evidence,
    item: itemJson(item),
    parts: parts.map(itemJson),
    matches: matches.map(({ amount, settled, ...match }) => ({
      ...{ ...match, amount: text(amount), settled: text(settled) },
    })),
    liabilities: liabilities.map(({ earned, settled, released, forecast, ...owed }) => ({
      ...{ ...owed, earned: text(earned), settled: text(settled), released: text(released), forecast: text(forecast) },
    })),
  };
}
