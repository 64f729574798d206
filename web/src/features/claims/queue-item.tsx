import { Checkbox } from '@mantine/core';
import { daysBetween, ratioText, today, wordsOf } from '../../ui/format.ts';
import { MoneyValue } from '../../ui/values.tsx';
import type { QueuedItem } from './shapes.ts';

function deadlineText(disputeByOn: string): string {
  const days = daysBetween(today(), disputeByOn);
  if (days < 0) return `${-days} d past deadline`;
  return days === 0 ? 'last day' : `${days} d left`;
}

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
      <button type="button" className="item" aria-current={current} onClick={pick}>
        <div className="row spread">
          <span className="title cut">
            {item.reference} <span className="t-dim">{item.customerName}</span>
          </span>
          <MoneyValue value={item.openAmount} />
        </div>
        <div className="row spread t-sm">
          <span className="cut">
            {item.proposal ? (
              <span className="pos">
                {codes} <span className="num">{ratioText(item.proposal.confidence, 0)}</span>
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
          <span className={late ? 'num neg' : 'num t-dim'}>{deadlineText(item.disputeByOn)}</span>
        </div>
      </button>
    </div>
  );
}
