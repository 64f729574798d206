import { IconAlertOctagon, IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Conflict, HistoryItem, Plan } from '../../api/promotion-shapes.ts';
import { instantText, rangeText, wordsOf } from '../../ui/format.ts';
import { Panel } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { CellValue } from '../../ui/values.tsx';
import { rowsOf } from './plan-weeks.ts';

function SeverityIcon({ severity }: { severity: 'block' | 'warn' }) {
  return severity === 'block' ? (
    <IconAlertOctagon size={16} aria-label="Blocks" />
  ) : (
    <IconAlertTriangle size={16} aria-label="Warning" />
  );
}

/** What the guardrails say to a plan. */
export function Guardrails({ plan }: { plan: Plan }) {
  // Conflicts stand in their own box, with links.
  const shown = plan.guardrails.filter((each) => each.rule !== 'conflict');
  if (shown.length === 0) return <div className="notice t-dim">No guardrail objects.</div>;
  return shown.map((each) => (
    <div key={each.rule + each.message} className="notice" data-severity={each.severity}>
      <SeverityIcon severity={each.severity} />
      <div>
        {each.message} <span className="tag">{each.severity === 'block' ? 'blocks' : 'warns'}</span>
      </div>
    </div>
  ));
}

/** The promotions that meet this one at the same customer, product and time. */
export function Conflicts({ items }: { items: readonly Conflict[] }) {
  if (items.length === 0) return <div className="notice t-dim">No conflict with another promotion.</div>;
  return items.map((each) => (
    <div key={each.promotionId} className="notice" data-severity={each.policy}>
      <SeverityIcon severity={each.policy} />
      <div className="grow">
        <div className="row spread">
          <Link to="/promotions/$id" params={{ id: each.promotionId }} className="cut">
            {each.code} {each.name}
          </Link>
          <StateBadge state={each.state} />
        </div>
        <div className="t-dim t-sm">
          {each.customerName} · {rangeText(each.startsOn, each.endsOn)} · {each.reason}
        </div>
      </div>
    </div>
  ));
}

/** The conflicts in their own box. */
export function ConflictPanel({ items }: { items: readonly Conflict[] }) {
  return (
    <Panel title="Conflicts" aside={items.length > 0 ? <span className="tag">{items.length}</span> : undefined}>
      <div style={{ maxHeight: 220, overflow: 'auto' }}>
        <Conflicts items={items} />
      </div>
    </Panel>
  );
}

/** Every event in the life of a promotion, newest first. */
export function History({ items }: { items: readonly HistoryItem[] }) {
  if (items.length === 0) return <div className="notice t-dim">Nothing has happened yet.</div>;
  return (
    <ul className="feed">
      {items.toReversed().map((each) => (
        <li key={each.at + each.action} style={{ gridTemplateColumns: '150px minmax(0, 1fr)' }}>
          <span className="t-dim t-sm num">{instantText(each.at)}</span>
          <span>
            <b>{each.actorName ?? 'The system'}</b>{' '}
            {wordsOf(each.action.split('.').at(-1) ?? each.action).toLowerCase()}
            {each.detail && <div className="t-dim t-sm">{each.detail}</div>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What a plan needs of each fund: what the fund would have without it, and what is left with it. */
export function FundNeeds({ plan }: { plan: Plan }) {
  if (plan.funds.length === 0) return <div className="notice t-dim">No fund is named yet.</div>;
  const fundCell = (of: 'needed' | 'available' | 'after', fund: Plan['funds'][number], label: string) => (
    <CellValue
      of={`plan.funds.${of}`}
      row={{ ...fund, ...rowsOf(plan) }}
      value={fund[of]}
      label={label}
      currency={false}
    />
  );
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Fund</th>
          <th className="right">{plan.currency}</th>
        </tr>
      </thead>
      <tbody>
        {plan.funds.map((fund) => (
          <tr key={fund.fundId}>
            <td style={{ whiteSpace: 'normal' }}>
              {fund.name}
              <div className="t-faint t-sm">available without it</div>
              <div className="t-faint t-sm">left with it</div>
            </td>
            <td className="right">
              {fundCell('needed', fund, `Needed of ${fund.name}`)}
              <div className="t-sm t-dim">{fundCell('available', fund, `${fund.name}, available without it`)}</div>
              <div className="t-sm">{fundCell('after', fund, `${fund.name}, left with it`)}</div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
