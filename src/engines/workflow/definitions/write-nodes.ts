import type { BpmnElement } from 'bpmn-moddle';
import { elementOf, extensions, moddle } from './bpmn-xml.ts';
import type {
  BoundaryEvent,
  CandidateRule,
  CatchEvent,
  EndEvent,
  Escalation,
  Feel,
  MultiInstance,
  ProcessNode,
  ThrowEvent,
  TimerRule,
  UserTask,
  Vote,
} from './process-model.ts';

/** Gives the root element (message, signal, error, escalation) of a name, making it where there is none. */
export type RootOf = (type: string, name: string) => BpmnElement;

/** The elements of BPMN that the kinds of nodes are. */
export const elementTypes: Readonly<Record<ProcessNode['kind'], string>> = {
  user: 'bpmn:UserTask',
  service: 'bpmn:ServiceTask',
  'business-rule': 'bpmn:BusinessRuleTask',
  send: 'bpmn:SendTask',
  'sub-process': 'bpmn:SubProcess',
  call: 'bpmn:CallActivity',
  start: 'bpmn:StartEvent',
  end: 'bpmn:EndEvent',
  exclusive: 'bpmn:ExclusiveGateway',
  inclusive: 'bpmn:InclusiveGateway',
  parallel: 'bpmn:ParallelGateway',
  event: 'bpmn:EventBasedGateway',
  catch: 'bpmn:IntermediateCatchEvent',
  throw: 'bpmn:IntermediateThrowEvent',
  boundary: 'bpmn:BoundaryEvent',
};

/** Makes an element say what a node says; what the node does not know of it stays. References to nodes and flows are set later. */
export function writeNode(element: BpmnElement, node: ProcessNode, rootOf: RootOf): void {
  element.set('name', node.name);
  setExtensions(element, ownExtensions(node));
  if ('multi' in node || elementOf(element.loopCharacteristics))
    writeMultiInstance(element, 'multi' in node ? node.multi : undefined);
  if (node.kind === 'send')
    element.set('messageRef', node.message === '' ? undefined : rootOf('bpmn:Message', node.message));
  if (node.kind === 'call') element.set('calledElement', node.process === '' ? undefined : node.process);
  if (node.kind === 'boundary') element.set('cancelActivity', node.interrupting);
  if (element.$type.endsWith('Event')) {
    const event = 'event' in node ? node.event : undefined;
    element.set('eventDefinitions', event ? [eventDefinition(event, rootOf)] : []);
  }
}

/** Puts ours in the place of what stood there of ours; other tools' stay. */
export function setExtensions(element: BpmnElement, own: readonly BpmnElement[]): void {
  const foreign = extensions(element).filter(({ $type }) => !$type.startsWith('tradeai:'));
  const values = [...foreign, ...own];
  if (values.length === 0 && element.extensionElements === undefined) return;
  element.set('extensionElements', values.length > 0 ? moddle.create('bpmn:ExtensionElements', { values }) : undefined);
}

function ownExtensions(node: ProcessNode): BpmnElement[] {
  switch (node.kind) {
    case 'user':
      return userTask(node);
    case 'service':
      return [own('Effect', { name: node.effect, result: node.result }), ...pairs('Input', node.input)];
    case 'business-rule':
      return [own('Decision', { name: node.decision, result: node.result }), ...pairs('Input', node.input)];
    case 'send':
      return pairs('Content', node.content);
    case 'call':
      return [...pairs('Input', node.input), ...pairs('Output', node.output)];
    case 'throw':
      return contentOf(node.event);
    case 'end':
      return [
        ...(node.outcome === undefined ? [] : [own('Outcome', { name: node.outcome })]),
        ...contentOf(node.event),
      ];
    default:
      return [];
  }
}

const contentOf = (event: EndEvent | undefined): BpmnElement[] =>
  event?.type === 'message' ? pairs('Content', event.content) : [];

/** An element of our namespace; members that are absent are left out. */
export function own(type: string, properties: Record<string, unknown>): BpmnElement {
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  return moddle.create(`tradeai:${type}`, Object.fromEntries(given));
}

const pairs = (type: string, values: Readonly<Record<string, Feel>> = {}): BpmnElement[] =>
  Object.entries(values).map(([name, value]) => own(type, { name, value }));

function userTask(node: UserTask): BpmnElement[] {
  return [
    candidates(node.candidates),
    ...node.outcomes.map((name) => own('Outcome', { name })),
    ...(node.vote ? [vote(node.vote)] : []),
    ...(node.due ? [own('Due', { ...node.due })] : []),
    ...(node.escalations ?? []).map(escalation),
    ...(node.form ?? []).map((field) => own('Field', { ...field })),
  ];
}

function candidates({ roles, notActorOf, managerOf, otherwise, ...rule }: CandidateRule): BpmnElement {
  return own('Candidates', {
    ...rule,
    managerOf: managerOf?.person,
    levels: managerOf?.levels,
    roles: roles?.map((name) => own('Role', { name })),
    notActorOf: notActorOf?.map((task) => own('NotActorOf', { task })),
    otherwise: otherwise && candidates(otherwise),
  });
}

function vote({ needs, ...rest }: Vote): BpmnElement {
  return own('Vote', { ...rest, ...(needs === 'consensus' ? {} : needs) });
}

function escalation({ after, does }: Escalation): BpmnElement {
  const { type, ...more } = does;
  return own('Escalation', {
    ...after,
    does: type,
    ...('candidates' in more ? { candidates: candidates(more.candidates) } : more),
  });
}

function writeMultiInstance(element: BpmnElement, multi: MultiInstance | undefined): void {
  if (!multi) {
    element.set('loopCharacteristics', undefined);
    return;
  }
  const loop = moddle.create('bpmn:MultiInstanceLoopCharacteristics', {
    isSequential: multi.sequential,
    over: multi.over,
    as: multi.as,
    ...(multi.collect ? { collectInto: multi.collect.into, collectValue: multi.collect.value } : {}),
  });
  if (multi.until !== undefined) loop.set('completionCondition', expression(multi.until));
  element.set('loopCharacteristics', loop);
}

/** A formal expression of BPMN. */
export const expression = (body: string): BpmnElement => moddle.create('bpmn:FormalExpression', { body });

function eventDefinition(event: CatchEvent | ThrowEvent | EndEvent | BoundaryEvent, rootOf: RootOf): BpmnElement {
  switch (event.type) {
    case 'timer':
      return timer(event.timer);
    case 'message': {
      const message = event.message === '' ? {} : { messageRef: rootOf('bpmn:Message', event.message) };
      const correlate = event.correlate === undefined ? {} : { correlate: event.correlate };
      return moddle.create('bpmn:MessageEventDefinition', { ...message, ...correlate });
    }
    case 'signal':
      return moddle.create(
        'bpmn:SignalEventDefinition',
        event.signal === '' ? {} : { signalRef: rootOf('bpmn:Signal', event.signal) },
      );
    case 'error':
      return moddle.create(
        'bpmn:ErrorEventDefinition',
        event.code ? { errorRef: rootOf('bpmn:Error', event.code) } : {},
      );
    case 'escalation':
      return moddle.create(
        'bpmn:EscalationEventDefinition',
        event.code ? { escalationRef: rootOf('bpmn:Escalation', event.code) } : {},
      );
    case 'terminate':
      return moddle.create('bpmn:TerminateEventDefinition');
  }
}

function timer(rule: TimerRule): BpmnElement {
  const moment =
    'at' in rule
      ? { timeDate: expression(rule.at) }
      : 'after' in rule
        ? { timeDuration: expression(rule.after) }
        : { timeCycle: expression(rule.every) };
  return moddle.create('bpmn:TimerEventDefinition', {
    ...moment,
    ...(rule.calendar === undefined ? {} : { calendar: rule.calendar }),
  });
}
