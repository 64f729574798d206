import type { BpmnElement } from 'bpmn-moddle';
import { elementOf, elements, extensions, optional, text } from './bpmn-xml.ts';
import type { CatchEvent, EndEvent, Feel, ThrowEvent, TimerRule } from './process-model.ts';

/** What stands on an event of a file: nothing, something the model has, or the reason why it has not. */
export type ReadEvent<E> = { event?: E } | { why: string };

type AnyEvent = CatchEvent | EndEvent | { type: 'error'; code?: string } | { type: 'escalation'; code?: string };

/** FEEL as Camunda writes it too: an expression behind `=`. */
export const feel = (value: unknown): Feel | undefined => text(value)?.trim().replace(/^=\s*/, '');

/** The code of a process, made of its id in a file: a call activity names a process in the same way. */
export function codeOf(id: string): string {
  const made = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return /^[a-z]/.test(made) ? made : `p-${made}`;
}

/** Names and their FEEL: `tradeai:input`, `tradeai:output`, `tradeai:content` of an element. */
export function readPairs(element: BpmnElement, type: string): Record<string, Feel> | undefined {
  const pairs = extensions(element)
    .filter(({ $type }) => $type === type)
    .map(({ name, value }) => [text(name) ?? '', text(value) ?? ''] as const);
  return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
}

/** The event of a start, end, intermediate or boundary event. */
export function readEvent(element: BpmnElement): ReadEvent<AnyEvent> {
  const definitions = [...elements(element.eventDefinitions), ...elements(element.eventDefinitionRef)];
  if (definitions.length > 1) return { why: 'waits for or throws more than one event' };
  const definition = definitions[0];
  return definition ? readDefinition(definition, element) : {};
}

function readDefinition(definition: BpmnElement, element: BpmnElement): ReadEvent<AnyEvent> {
  const name = (reference: unknown, property = 'name') => text(elementOf(reference)?.[property]);
  switch (definition.$type) {
    case 'bpmn:TimerEventDefinition': {
      const timer = readTimer(definition);
      return timer ? { event: { type: 'timer', timer } } : { why: 'a timer without a date, duration or cycle' };
    }
    case 'bpmn:MessageEventDefinition':
      return {
        event: {
          type: 'message',
          message: name(definition.messageRef) ?? '',
          ...optional('correlate', text(definition.correlate) ?? correlationKey(definition)),
          ...optional('content', readPairs(element, 'tradeai:Content')),
        },
      };
    case 'bpmn:SignalEventDefinition':
      return { event: { type: 'signal', signal: name(definition.signalRef) ?? '' } };
    case 'bpmn:ErrorEventDefinition':
      return { event: { type: 'error', ...optional('code', thrownCode(definition.errorRef, 'errorCode')) } };
    case 'bpmn:EscalationEventDefinition':
      return {
        event: { type: 'escalation', ...optional('code', thrownCode(definition.escalationRef, 'escalationCode')) },
      };
    case 'bpmn:TerminateEventDefinition':
      return { event: { type: 'terminate' } };
    default:
      return { why: `${definition.$type.replace('bpmn:', '')} is not executed` };
  }
}

/** An error or escalation without a code is known by its name. */
function thrownCode(reference: unknown, property: string): string | undefined {
  const element = elementOf(reference);
  return text(element?.[property]) ?? text(element?.name) ?? text(element?.id);
}

/** Camunda 8 keeps the correlation at the message. */
function correlationKey(definition: BpmnElement): Feel | undefined {
  const message = elementOf(definition.messageRef);
  const subscription = message && extensions(message).find(({ $type }) => $type === 'zeebe:subscription');
  return feel(subscription?.correlationKey);
}

function readTimer(definition: BpmnElement): TimerRule | undefined {
  const body = (expression: unknown) => text(elementOf(expression)?.body)?.trim();
  const calendar = optional('calendar', text(definition.calendar));
  const at = body(definition.timeDate);
  const after = body(definition.timeDuration);
  const every = body(definition.timeCycle);
  if (at !== undefined) return { at, ...calendar };
  if (after !== undefined) return { after, ...calendar };
  return every === undefined ? undefined : { every, ...calendar };
}

/** Whether an event may be waited for. */
export const isCatch = (event: AnyEvent): event is CatchEvent =>
  event.type === 'timer' || event.type === 'message' || event.type === 'signal';

/** Whether an event may be thrown on the way. */
export const isThrow = (event: AnyEvent): event is ThrowEvent =>
  event.type === 'message' || event.type === 'signal' || (event.type === 'escalation' && event.code !== undefined);
