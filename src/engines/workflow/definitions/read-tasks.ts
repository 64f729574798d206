import type { BpmnElement } from 'bpmn-moddle';
import { elementOf, elements, extensions, optional, refuse, text } from './bpmn-xml.ts';
import type {
  Activity,
  CandidateRule,
  Escalation,
  Feel,
  MultiInstance,
  TimerRule,
  UserTask,
  Vote,
} from './process-model.ts';
import { codeOf, feel, readPairs } from './read-events.ts';

interface Named {
  id: string;
  name?: string;
}

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
const ours = (element: BpmnElement, type: string) =>
  extensions(element).filter(({ $type }) => $type === `tradeai:${type}`);
const zeebe = (element: BpmnElement, type: string) =>
  extensions(element).find(({ $type }) => $type === `zeebe:${type}`);

/** A user task: our own candidates, or those of Camunda's assignment. */
export function readUserTask(element: BpmnElement, named: Named): UserTask {
  const [candidates] = ours(element, 'Candidates');
  const [vote] = ours(element, 'Vote');
  const [due] = ours(element, 'Due');
  const fields = ours(element, 'Field');
  const escalations = ours(element, 'Escalation');
  return {
    kind: 'user',
    ...named,
    candidates: candidates ? readCandidates(candidates) : foreignCandidates(element),
    outcomes: ours(element, 'Outcome').map(({ name }) => text(name) ?? ''),
    ...optional('vote', vote && readVote(vote)),
    ...optional('due', due && readMoment(due, named.id)),
    ...optional(
      'escalations',
      escalations.length > 0 ? escalations.map((one) => readEscalation(one, named.id)) : undefined,
    ),
    ...optional('form', fields.length > 0 ? fields.map(readField) : undefined),
  };
}

function readField({ variable, label, required }: BpmnElement) {
  return { variable: text(variable) ?? '', label: text(label) ?? '', ...optional('required', flag(required)) };
}

function readCandidates(element: BpmnElement): CandidateRule {
  const roles = elements(element.roles).map(({ name }) => text(name) ?? '');
  const notActorOf = elements(element.notActorOf).map(({ task }) => text(task) ?? '');
  const person = text(element.managerOf);
  const otherwise = elementOf(element.otherwise);
  return {
    ...optional('permission', text(element.permission)),
    ...optional('roles', roles.length > 0 ? roles : undefined),
    ...optional('people', text(element.people)),
    ...optional(
      'managerOf',
      person === undefined ? undefined : { person, ...optional('levels', number(element.levels)) },
    ),
    ...optional('limitCovers', text(element.limitCovers)),
    ...optional('notActorOf', notActorOf.length > 0 ? notActorOf : undefined),
    ...optional('otherwise', otherwise && readCandidates(otherwise)),
  };
}

/** Camunda 8's and 7's assignment where its meaning is plain; groups that an expression gives are not. */
function foreignCandidates(element: BpmnElement): CandidateRule {
  const assignment = zeebe(element, 'assignmentDefinition');
  const given = (name: string) => text(assignment?.[name]) ?? text(element.$attrs[`camunda:${name}`]);
  const isPlain = (value: string | undefined): value is string => value !== undefined && !/^\s*[=$#]/.test(value);
  const groups = given('candidateGroups');
  const roles = isPlain(groups) ? commaSeparated(groups) : undefined;
  const people = given('assignee') ?? given('candidateUsers');
  return { ...optional('roles', roles), ...optional('people', people === undefined ? undefined : peopleOf(people)) };
}

const commaSeparated = (value: string) => value.split(',').map((one) => one.trim());

function peopleOf(value: string): Feel | undefined {
  if (value.startsWith('=')) return feel(value);
  return /^\s*[$#]/.test(value) ? undefined : JSON.stringify(commaSeparated(value));
}

function readVote(element: BpmnElement): Vote {
  const count = number(element.count);
  const share = number(element.share);
  return {
    ...optional('seats', number(element.seats)),
    needs: count !== undefined ? { count } : share !== undefined ? { share } : 'consensus',
    ...optional('veto', flag(element.veto)),
    ...optional('stopsEarly', flag(element.stopsEarly)),
    ...optional('fallback', text(element.fallback)),
  };
}

function readMoment(element: BpmnElement, id: string): TimerRule {
  const calendar = optional('calendar', text(element.calendar));
  const [at, after, every] = [text(element.at), text(element.after), text(element.every)];
  if (at !== undefined) return { at, ...calendar };
  if (after !== undefined) return { after, ...calendar };
  return every === undefined
    ? refuse(`A moment of "${id}" has neither "at" nor "after" nor "every".`)
    : { every, ...calendar };
}

function readEscalation(element: BpmnElement, id: string): Escalation {
  const after = readMoment(element, id);
  switch (element.does) {
    case 'remind':
      return { after, does: { type: 'remind' } };
    case 'reassign': {
      const candidates = elementOf(element.candidates);
      return { after, does: { type: 'reassign', candidates: candidates ? readCandidates(candidates) : {} } };
    }
    case 'complete':
      return { after, does: { type: 'complete', outcome: text(element.outcome) ?? '' } };
    case 'escalate':
      return { after, does: { type: 'escalate', code: text(element.code) ?? '' } };
    default:
      return refuse(`An escalation of "${id}" does "${String(element.does)}", which is none of ours.`);
  }
}

/** Service, business rule and send tasks and call activities; sub-processes are read with their bodies. */
export function readAutomaticTask(element: BpmnElement, named: Named): Activity | undefined {
  const input = optional('input', readPairs(element, 'tradeai:Input') ?? zeebeMapping(element, 'input'));
  switch (element.$type) {
    case 'bpmn:ServiceTask': {
      const [effect] = ours(element, 'Effect');
      const name = text(effect?.name) ?? text(zeebe(element, 'taskDefinition')?.type) ?? '';
      return { kind: 'service', ...named, effect: name, ...input, ...optional('result', text(effect?.result)) };
    }
    case 'bpmn:BusinessRuleTask': {
      const [decision] = ours(element, 'Decision');
      const called = zeebe(element, 'calledDecision');
      const name = decision?.name ?? called?.decisionId ?? element.$attrs['camunda:decisionRef'];
      const result = decision?.result ?? called?.resultVariable ?? element.$attrs['camunda:resultVariable'];
      return { kind: 'business-rule', ...named, decision: text(name) ?? '', ...input, result: text(result) ?? '' };
    }
    case 'bpmn:SendTask':
      return {
        kind: 'send',
        ...named,
        message: text(elementOf(element.messageRef)?.name) ?? '',
        ...optional('content', readPairs(element, 'tradeai:Content')),
      };
    case 'bpmn:CallActivity': {
      const called = text(element.calledElement) ?? text(zeebe(element, 'calledElement')?.processId);
      const output = readPairs(element, 'tradeai:Output') ?? zeebeMapping(element, 'output');
      const process = called === undefined ? '' : codeOf(called);
      return { kind: 'call', ...named, process, ...input, ...optional('output', output) };
    }
    default:
      return undefined;
  }
}

/** Camunda 8's mapping of variables: source in FEEL, target a name. */
function zeebeMapping(element: BpmnElement, direction: 'input' | 'output'): Record<string, Feel> | undefined {
  const mapping = zeebe(element, 'ioMapping');
  const pairs = elements(mapping?.$children).filter(({ $type }) => $type === `zeebe:${direction}`);
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(pairs.map(({ source, target }) => [text(target) ?? '', feel(source) ?? '']));
}

/** How often an activity runs; throws nothing: the reason stands in the answer where it cannot be kept. */
export function readMultiInstance(element: BpmnElement): { multi?: MultiInstance } | { why: string } {
  const loop = elementOf(element.loopCharacteristics);
  if (!loop) return {};
  if (loop.$type !== 'bpmn:MultiInstanceLoopCharacteristics') return { why: 'repeats while a condition holds' };
  const characteristics = zeebe(loop, 'loopCharacteristics');
  const over = text(loop.over) ?? feel(characteristics?.inputCollection);
  const as = text(loop.as) ?? text(characteristics?.inputElement);
  if (over === undefined || as === undefined) return { why: 'runs several times, over no list that it names' };
  const until = feel(elementOf(loop.completionCondition)?.body);
  const into = text(loop.collectInto) ?? text(characteristics?.outputCollection);
  const value = text(loop.collectValue) ?? feel(characteristics?.outputElement);
  const collect = into !== undefined && value !== undefined ? { into, value } : undefined;
  return {
    multi: {
      sequential: loop.isSequential === true,
      over,
      as,
      ...optional('until', until),
      ...optional('collect', collect),
    },
  };
}
