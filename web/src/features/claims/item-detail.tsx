import { Button, Menu } from '@mantine/core';
import { IconDotsVertical, IconDownload, IconPaperclip } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Tactic } from '../../api/promotion-shapes.ts';
import { promotionQuery } from '../../api/queries.ts';
import { saveFile } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { Comments } from '../../ui/comments.tsx';
import { dateText, instantText, moneyText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { CellValue, FigureValueButton } from '../../ui/values.tsx';
import { papersQuery, settlementsQuery, suggestionsQuery } from './queries.ts';
import type { FullItem, OwedMatch, QueuedItem, Suggestion } from './shapes.ts';
import { SuggestionList } from './suggestion-list.tsx';

/** A review is mended while nothing of it is settled. */
const reviewed = ['valid', 'partially_valid', 'invalid'] as const;

/** What people can do with an item in the state that it is in; each has a key. */
export const actionsOf = {
  validate: { label: 'Validate', key: 'v', states: ['matched', 'needs_research', ...reviewed] },
  settle: { label: 'Settle', key: 's', states: ['valid', 'partially_valid'] },
  dispute: { label: 'Dispute', key: 'd', states: ['invalid', 'partially_valid'] },
  'write-off': { label: 'Write off', key: 'w', states: ['invalid', 'partially_valid', 'disputed'] },
  recover: { label: 'Recovered', key: 'r', states: ['disputed'] },
  concede: { label: 'Dispute lost', key: 'l', states: ['disputed'] },
  categorise: { label: 'Categorise', key: 't', states: ['captured', 'categorised', 'needs_research'] },
  split: { label: 'Split', key: 'x', states: ['captured', 'categorised', 'needs_research'] },
  research: { label: 'Research', key: 'q', states: ['categorised', 'matched', ...reviewed] },
  attach: { label: 'Attach', key: 'p', states: [] },
} as const;
export type Action = keyof typeof actionsOf;

/** Actions that exist for deductions only: nothing was taken for a claim. */
const ofDeductions: readonly Action[] = ['dispute', 'write-off', 'recover', 'concede'];
const reviews: readonly Action[] = ['validate', 'research'];
const needs: Partial<Record<Action, string>> = {
  settle: 'claims:settle',
  recover: 'claims:settle',
  'write-off': 'claims:writeoff',
};

/** Whether a person may do something with an item now. */
export function isOpenTo(action: Action, item: FullItem | QueuedItem, may: (permission: string) => boolean): boolean {
  if (!may(needs[action] ?? 'claims:write') || item.isSplit) return false;
  if (item.kind === 'claim' && ofDeductions.includes(action)) return false;
  // After a lost dispute a review says more than was settled before, until that is settled too.
  const settled = Number(item.settled.amount);
  if (reviews.includes(action) && settled > 0 && item.validAmount && settled >= Number(item.validAmount.amount))
    return false;
  if (action === 'split' && item.openAmount.amount !== item.amount.amount) return false;
  return action === 'attach' || (actionsOf[action].states as readonly string[]).includes(item.state);
}

function Facts({ item, queued }: { item: FullItem; queued: QueuedItem | undefined }) {
  const rows: [string, React.ReactNode][] = [
    [item.kind === 'deduction' ? 'Taken on' : 'Claimed on', dateText(item.takenOn)],
    ['Dispute by', dateText(item.disputeByOn)],
    ['Amount', <CellValue key="a" of="items.amount" row={item} value={item.amount} label="Amount" />],
    ['Tax inside', <CellValue key="t" of="items.tax" row={item} value={item.tax} label="Tax inside" />],
    ['Open', <CellValue key="o" of="items.openAmount" row={item} value={item.openAmount} label="Open" />],
    [
      'Valid',
      item.validAmount ? (
        <CellValue key="v" of="items.validAmount" row={item} value={item.validAmount} label="Valid" />
      ) : (
        <span key="n" className="t-faint">
          not reviewed
        </span>
      ),
    ],
    ['Reason code', item.reasonCode ?? '–'],
    ['Category', item.category ? wordsOf(item.category) : '–'],
    ...(queued
      ? ([['Priority', <FigureValueButton key="p" figure={queued.priority} label="Priority" />]] as const)
      : []),
  ] as [string, React.ReactNode][];
  return (
    <div className="kpis" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(118px, 1fr))' }}>
      {rows.map(([label, value]) => (
        <div className="kpi" key={label} style={{ minHeight: 52 }}>
          <span className="label">{label}</span>
          <span>{value}</span>
        </div>
      ))}
    </div>
  );
}

function agreedText(tactic: Tactic | undefined): string {
  if (!tactic) return '–';
  if (tactic.lumpSum) return moneyText(tactic.lumpSum);
  if (!tactic.rate) return '–';
  const { amount, currency, per } = tactic.rate;
  return per === 'percent' ? `${amount} %` : `${moneyText({ amount, currency })} per ${per}`;
}

/** Agreed, executed and claimed side by side for one match. */
function MatchRow({ match }: { match: OwedMatch }) {
  const promotion = useQuery(promotionQuery(match.promotionId));
  const tactic = promotion.data?.tactics.find(({ id }) => id === match.tacticId);
  return (
    <tr>
      <td>
        <Link to="/promotions/$id" params={{ id: match.promotionId }}>
          {match.promotionCode}
        </Link>{' '}
        <span className="t-dim">{wordsOf(match.mechanic)}</span>
      </td>
      <td className="right">
        {promotion.data && tactic ? (
          <CellValue of="tactics.agreed" row={promotion.data} value={agreedText(tactic)} label="Agreed">
            <span className="num">{agreedText(tactic)}</span>
          </CellValue>
        ) : (
          '–'
        )}
      </td>
      <td className="right">
        <CellValue of="items.earned" row={match} value={match.earned} label="Executed" />
      </td>
      <td className="right">
        <CellValue of="items.match" row={match} value={match.amount} label="Claimed" />
      </td>
      <td className="right">
        <FigureValueButton figure={match.openLiability ?? undefined} label="Open liability" />
      </td>
      <td className="num">{dateText(match.claimByOn)}</td>
    </tr>
  );
}

function Matches({ item }: { item: FullItem }) {
  return (
    <Panel title="Matched to" className="scrolls">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Promotion</th>
            <th className="right">Agreed</th>
            <th className="right">Executed</th>
            <th className="right">Claimed</th>
            <th className="right">Open liability</th>
            <th>Claim by</th>
          </tr>
        </thead>
        <tbody>
          {item.matches.map((match) => (
            <MatchRow key={match.tacticId} match={match} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Settlements({ item }: { item: FullItem }) {
  const settlements = useQuery(settlementsQuery(item.id));
  if (!settlements.data || settlements.data.items.length === 0) return null;
  return (
    <Panel title="Settled by">
      {settlements.data.items.map((settlement) => {
        const { id, kind, amount, note, settledAt, journalId } = settlement;
        return (
          <div className="row spread" key={id} style={{ padding: '4px 12px' }}>
            <span className="cut">
              {wordsOf(kind)} <span className="t-dim">{note}</span>{' '}
              {journalId && (
                <Link to="/accruals" search={{ view: 'journals' }}>
                  Journals
                </Link>
              )}
            </span>
            <span>
              <span className="t-dim t-sm">{instantText(settledAt)} </span>
              <CellValue of="items.settlement" row={settlement} value={amount} label={wordsOf(kind)} />
            </span>
          </div>
        );
      })}
    </Panel>
  );
}

function Papers({ item }: { item: FullItem }) {
  const papers = useQuery(papersQuery(item.kind, item.id));
  const fetchFile = (path: string) => void saveFile(path).catch(sayRefused);
  return (
    <Panel
      title="Proof and papers"
      aside={
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconDownload size={12} />}
          onClick={() => fetchFile(`/${item.kind}s/${item.id}/packet`)}
        >
          Dispute packet
        </Button>
      }
    >
      {papers.error && <Refusal error={papers.error} retry={() => void papers.refetch()} />}
      {papers.data?.items.length === 0 && (
        <div className="panel-body t-dim">
          {item.proofWaived ? `Valid without proof: ${item.proofWaived}` : 'No paper is attached yet.'}
        </div>
      )}
      {papers.data?.items.map((paper) => (
        <div className="row spread" key={paper.id} style={{ padding: '4px 12px' }}>
          <button
            type="button"
            className="plain cut"
            onClick={() => fetchFile(`/${item.kind}s/${item.id}/attachments/${paper.id}`)}
          >
            <IconPaperclip size={13} aria-hidden="true" /> {paper.fileName}
          </button>
          <span className="t-dim t-sm">
            {wordsOf(paper.purpose)} · {instantText(paper.attachedAt)}
          </span>
        </div>
      ))}
    </Panel>
  );
}

function Actions({ item, act }: { item: FullItem; act(action: Action): void }) {
  const may = useMay() as (permission: string) => boolean;
  const open = (Object.keys(actionsOf) as Action[]).filter((action) => isOpenTo(action, item, may));
  const shown = open.slice(0, 3);
  const more = open.slice(3);
  return (
    <div className="row">
      {shown.map((action, at) => (
        <Button
          key={action}
          variant={at === 0 && action !== 'split' ? 'filled' : 'default'}
          onClick={() => act(action)}
        >
          {actionsOf[action].label}
          <span className="kbd" style={{ marginLeft: 6 }}>
            {actionsOf[action].key}
          </span>
        </Button>
      ))}
      {more.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" aria-label="More actions" px={8}>
              <IconDotsVertical size={15} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {more.map((action) => (
              <Menu.Item
                key={action}
                onClick={() => act(action)}
                rightSection={<span className="kbd">{actionsOf[action].key}</span>}
              >
                {actionsOf[action].label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

/** One item: what was taken, what may answer for it, what it is matched to, its proof. */
export function ItemDetail({
  item,
  queued,
  customerName,
  act,
  accept,
  back,
}: {
  item: FullItem;
  queued: QueuedItem | undefined;
  customerName: string;
  act(action: Action): void;
  accept(one: Suggestion): void;
  back(): void;
}) {
  const may = useMay();
  const waits = ['captured', 'categorised', 'needs_research'].includes(item.state) && !item.isSplit;
  const suggestions = useQuery({ ...suggestionsQuery(item.kind, item.id), enabled: waits });
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="row spread" style={{ alignItems: 'flex-start' }}>
        <div>
          <Button variant="subtle" className="back" onClick={back}>
            ‹ Queue
          </Button>
          <h2 style={{ fontSize: 16 }}>
            {item.reference} <StateBadge state={item.state} />
          </h2>
          <div className="t-dim">{customerName}</div>
        </div>
        <Actions item={item} act={act} />
      </div>
      {item.flags.map(({ flag, reason }) => (
        <div key={flag} className="row" role="note">
          <span className="tag">{wordsOf(flag)}</span>
          <span>{reason}</span>
        </div>
      ))}
      {item.note && (
        <div className="formula" title="Reference text">
          {item.note}
        </div>
      )}
      <Facts item={item} queued={queued} />
      {waits && suggestions.isPending && <RowsLoading rows={4} />}
      {suggestions.error && waits && <Refusal error={suggestions.error} retry={() => void suggestions.refetch()} />}
      {waits && suggestions.data && (
        <SuggestionList suggestions={suggestions.data} accept={accept} mayWrite={may('claims:write')} />
      )}
      {item.matches.length > 0 && <Matches item={item} />}
      {item.parts.length > 0 && (
        <Panel title="Split into">
          {item.parts.map((part) => (
            <div className="row spread" key={part.id} style={{ padding: '4px 12px' }}>
              <span>
                {part.reference} <StateBadge state={part.state} />
              </span>
              <CellValue of="items.amount" row={part} value={part.amount} label={`Amount of ${part.reference}`} />
            </div>
          ))}
        </Panel>
      )}
      <Settlements item={item} />
      <Papers item={item} />
      <Comments key={item.id} subjectType={item.kind} subjectId={item.id} />
      {!waits && item.matches.length === 0 && item.parts.length === 0 && (
        <Empty title="Nothing is matched">It was reviewed without a tactic that answers for it.</Empty>
      )}
    </div>
  );
}
