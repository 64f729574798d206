import { instantOf, todayIn } from '#clock';
import type { Context } from '#context';
import type { Subscription } from '#events';
import { type MailKind, queueMails } from './mail-store.ts';

const dayMs = 86_400_000;
/** Those who hear once a day hear at seven in the morning. */
const morningMs = 7 * 3_600_000;
/** What happened longer ago is no news: a log that is read anew, a server that was away. */
const newsMs = dayMs;

/** The next time at which those hear who hear once a day. */
export function nextMorning({ clock, tenant }: Pick<Context, 'clock' | 'tenant'>): Date {
  const of = (date: string) => new Date(instantOf(date, tenant.timeZone).getTime() + morningMs);
  const today = todayIn(clock, tenant.timeZone);
  const next = of(today);
  if (next > clock.now()) return next;
  return of(new Date(Date.parse(today) + dayMs).toISOString().slice(0, 10));
}

/** By event: why somebody is written to, and in which member it says to whom; absent: to all who may take the task. */
const told: Readonly<Record<string, { kind: MailKind; to?: string }>> = {
  'workflow.task.created': { kind: 'opened' },
  'workflow.task.reminded': { kind: 'reminded' },
  'workflow.task.escalated': { kind: 'escalated' },
  'workflow.task.delegated': { kind: 'given', to: 'toUserId' },
  'workflow.task.reassigned': { kind: 'given', to: 'toUserId' },
  'workflow.task.covered': { kind: 'given', to: 'substituteId' },
};

/** Puts mails on their way when a task is opened, passed on, reminded of or escalated. */
export const taskMails: Subscription = {
  name: 'workflow.mail',
  types: Object.keys(told),
  handle: async (tx, { type, subjectId, data, occurredAt }) => {
    const why = told[type];
    const { clock } = tx.context;
    if (!why || clock.now().getTime() - new Date(occurredAt).getTime() > newsMs) return;
    const to = why.to === undefined ? null : String(data[why.to]);
    const morning = nextMorning(tx.context);
    await queueMails(tx, { taskId: subjectId, kind: why.kind, happenedAt: occurredAt, to, morning });
  },
};
