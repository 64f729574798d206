import type { CatchEvent, TimerRule } from '../definitions/process-model.ts';
import { alwaysOpen, type BusinessCalendar } from '../time/business-calendar.ts';
import { addBusinessDuration } from '../time/business-time.ts';
import { calendarOf } from '../time/calendar-store.ts';
import { type Firing, firstFiring } from '../time/first-firing.ts';
import { type Course, correlationOf, tellFailure } from './course.ts';
import { type Values, variablesAt } from './instance-state.ts';
import type { Wait } from './instance-store.ts';

const countedIn = async ({ tx }: Pick<Course, 'tx'>, code: string | undefined): Promise<BusinessCalendar> =>
  code === undefined ? alwaysOpen(tx.context.tenant.timeZone) : calendarOf(tx, code);

/** A rule whose expressions (after `=`) are evaluated. */
function evaluated(course: Pick<Course, 'evaluate'>, rule: TimerRule, variables: Values): TimerRule {
  const text = (value: string) => (value.startsWith('=') ? String(course.evaluate(value.slice(1), variables)) : value);
  const { calendar } = rule;
  const counted = calendar === undefined ? {} : { calendar };
  if ('at' in rule) return { at: text(rule.at), ...counted };
  return 'after' in rule ? { after: text(rule.after), ...counted } : { every: text(rule.every), ...counted };
}

/** When a timer of an instance, or one that begins instances, first fires, counted from now unless told otherwise. */
export async function firingOf(
  course: Pick<Course, 'tx' | 'evaluate'>,
  rule: TimerRule,
  variables: Values,
  from = course.tx.context.clock.now(),
): Promise<Firing> {
  const calendar = await countedIn(course, rule.calendar);
  return firstFiring(evaluated(course, rule, variables), from, calendar);
}

/** When a timer that repeats fires after a firing. */
export async function nextFiring(
  course: Pick<Course, 'tx'>,
  rule: TimerRule,
  last: Date,
  every: string,
): Promise<Date> {
  return addBusinessDuration(await countedIn(course, rule.calendar), last, every);
}

/** The event that a node catches; throws where it catches none from outside. */
export function caughtBy(course: Pick<Course, 'model'>, nodeId: string): CatchEvent {
  const { node } = course.model.place(nodeId);
  const event = 'event' in node ? node.event : undefined;
  if (!event || (event.type !== 'timer' && event.type !== 'message' && event.type !== 'signal')) {
    throw new Error(`${node.name ?? node.id} catches nothing from outside`);
  }
  // A message of a throwing node has a content; what awaits it is a catching one.
  return event as CatchEvent;
}

/** Begins to wait for an event of a token: arms its timer, or waits for its message or signal. */
export async function awaitEvent(course: Course, token: number, nodeId: string): Promise<void> {
  const wait = { id: course.tx.context.newId(), instanceId: course.row.id, token, event: nodeId };
  const variables = variablesAt(course.state, token);
  try {
    const event = caughtBy(course, nodeId);
    if (event.type === 'timer') {
      const { at, again } = await firingOf(course, event.timer, variables);
      course.waits.push({ ...wait, kind: 'timer', name: null, correlation: null });
      course.timers.push({ kind: 'workflow.wait', subjectId: wait.id, dueAt: at, data: again ? { again } : {} });
      return;
    }
    const named: Pick<Wait, 'kind' | 'name' | 'correlation'> =
      event.type === 'signal'
        ? { kind: 'signal', name: event.signal, correlation: null }
        : { kind: 'message', name: event.message, correlation: correlationOf(course, event.correlate, variables) };
    course.waits.push({ ...wait, ...named });
  } catch (error) {
    tellFailure(course, token, error);
  }
}
