import type { Money } from '../../api/shapes.ts';
import type { Frame } from '../../live/socket.ts';
import { moneyText, wordsOf } from '../../ui/format.ts';

/** The measures of the `dashboard` channel; a measure that the person may not see is absent. */
export interface DashboardData {
  promotions?: { state: string; count: number; plannedSpend: Money }[];
  funds?: { reserved: Money[]; committed: Money[] };
  tasksOpen?: number;
  decisionsToday?: number;
  recentEvents?: Frame[];
}

/** One line of the event feed. */
export interface FeedItem {
  key: string;
  at: string;
  title: string;
  what: string;
  actorId: string | undefined;
  promotionId: string | undefined;
}

const subjects: Record<string, string> = {
  fund: 'Fund entry',
  import: 'Import',
  model: 'Model',
  tenant: 'Sales',
  task: 'Task',
};

/** An event of the channel as a line of the feed. */
export function feedItem(change: Frame): FeedItem {
  const fields = change.fields ?? {};
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined);
  const subjectId = text('subjectType') === 'promotion' ? text('subjectId') : undefined;
  const entity = change.entity ?? '';
  const named = [text('code'), text('name') ?? text('fileName')].filter(Boolean).join(' ');
  const amount = text('amount');
  const currency = text('currency');
  const sum = amount && currency ? ` ${moneyText({ amount, currency })}` : '';
  return {
    key: `${change.position?.epoch ?? ''}:${change.position?.offset ?? ''}`,
    at: text('occurredAt') ?? '',
    title: named || [subjects[entity] ?? wordsOf(entity), entity === 'task' && text('step')].filter(Boolean).join(': '),
    what: entity === 'fund' ? `${wordsOf(text('kind') ?? 'entry')}${sum}` : wordsOf(change.operation ?? ''),
    actorId: text('actorId'),
    promotionId: text('promotionId') ?? subjectId ?? (entity === 'promotion' ? change.entityId : undefined),
  };
}
