import { Checkbox } from '@mantine/core';
import { daysBetween, ratioText, today, wordsOf } from '../../ui/format.ts';
import { ListItem } from '../../ui/list-item.tsx';
import { CellValue } from '../../ui/values.tsx';
import type { QueuedItem } from './shapes.ts';

function deadlineText(disputeByOn: string): string {
  const days = daysBetween(today(), disputeByOn);
  if (days < 0) return `${-days} d past deadline`;
  return days === 0 ? 'last day' : `${days} d left`;
}

const isOver = (state: string) => ['settled', 'recovered', 'written_off'].includes(state);

/** One line of the queue. */
export function QueueItem({
  item,
  current,
  pick,
  selected,
  select,
}: {
  item: QueuedItem;
  current: boolean;
  pick(): void;
  /** Undefined where nothing is settled together here. */
  selected?: boolean | undefined;
  select?: (() => void) | undefined;
}) {
  const late = daysBetween(today(), item.disputeByOn) < 0;
  // Nothing of it is open: what it came to is of interest, and no deadline.
  const over = isOver(item.state);
  const codes = [...new Set(item.proposal?.matches.map(({ promotionCode }) => promotionCode))].join(', ');
  return (
    <div className="row" style={{ gap: 0, alignItems: 'stretch' }}>
      {select && (
        <Checkbox
          size="xs"
          checked={selected ?? false}
          onChange={select}
          aria-label={`Settle ${item.reference} together with others`}
          style={{ padding: '12px 0 0 10px', borderBottom: '1px solid var(--line)' }}
        />
      )}
      <ListItem
        title={
          <>
            {item.reference} <span className="t-dim">{item.customerName}</span>
          </>
        }
        aside={
          over ? (
            <CellValue of="items.amount" row={item} value={item.amount} label={`Amount of ${item.reference}`} />
          ) : (
            <CellValue of="items.openAmount" row={item} value={item.openAmount} label={`Open of ${item.reference}`} />
          )
        }
        current={current}
        pick={pick}
      >
        <div className="row spread t-sm">
          <span className="cut">
            {item.proposal ? (
              <span className="pos">
                {codes}{' '}
                <CellValue
                  of="items.confidence"
                  row={item.proposal}
                  value={item.proposal.confidence}
                  label={`Confidence, ${item.reference}`}
                >
                  {ratioText(item.proposal.confidence, 0)}
                </CellValue>
              </span>
            ) : (
              <span className="t-dim">{item.category ? wordsOf(item.category) : wordsOf(item.state)}</span>
            )}
            {item.flags.map(({ flag }) => (
              <span className="tag" key={flag} style={{ marginLeft: 6 }}>
                {wordsOf(flag)}
              </span>
            ))}
          </span>
          {!over && <span className={late ? 'num neg' : 'num t-dim'}>{deadlineText(item.disputeByOn)}</span>}
        </div>
      </ListItem>
    </div>
  );
}
