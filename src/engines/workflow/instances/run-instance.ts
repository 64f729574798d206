import { Problem } from '#problem';
import type { Activity, CallActivity, ProcessModel } from '../definitions/process-model.ts';
import type { Outcome } from '../domain/definition.ts';
import { CandidateSearch } from '../find-candidates.ts';
import { findInForce } from '../versions/version-store.ts';
import { awaitEvent } from './await-event.ts';
import { requireFittingVariables } from './check-variables.ts';
import { type Course, evaluateEach, failureOf, type Told, tellFailure } from './course.ts';
import type { IndexedModel } from './index-model.ts';
import type { Command, Happening, Values } from './instance-state.ts';
import * as instances from './instance-store.ts';
import { requireDecided, requireGivenKept } from './keep-record.ts';
import { openUserTask } from './open-user-task.ts';
import { performTask } from './perform-task.ts';
import { evaluatorOf, isOfSteps, modelByHash, positionAtStep, type Runnable, tokenOfOldTask } from './running-model.ts';
import { NotAwaitedError, step, unbegun } from './step.ts';
import { insertRow, storeCourse } from './store-course.ts';
import { throwEvent } from './throw-event.ts';
import { ownSubject, type Tx, type WorkflowParts } from './workflow-parts.ts';

/** Happenings that one transaction carries an instance through at most; more is a loop of effects. */
const mostHappenings = 1_000;

/** Makes ready an instance that is locked, or one that is about to begin. */
export async function openCourse(
  tx: Tx,
  parts: WorkflowParts,
  row: instances.InstanceRow,
  model?: IndexedModel,
): Promise<Course> {
  const known = model ?? (await modelByHash(row.hash, () => instances.readDefinition(tx, row.definition, row.hash)));
  const evaluate = evaluatorOf(known, tx.context.clock.now());
  return {
    ...{ tx, parts, row, model: known, evaluate, search: new CandidateSearch(tx, row, parts, evaluate) },
    state: row.position ?? (model ? unbegun : positionAtStep(row.step, row.variables)),
    isNew: model !== undefined,
    ...{ queue: [], tasks: [], waits: [], timers: [], incidents: [], withdrawn: new Set(), withdrawnEvents: [] },
    ...{ escalated: [], called: new Map() },
    ...{ comment: '', isDecided: false },
  };
}

/** Nothing is left outside of an activity that answered, unless something waits at its edge or for its runs. */
function leavesNothing(course: Course, happening: Happening): number | undefined {
  if (happening.type !== 'completed') return undefined;
  const token = course.state.tokens.find(({ id }) => id === happening.token);
  if (!token || token.multi) return undefined;
  const { node, boundaries } = course.model.place(token.node);
  const isAwaiting = boundaries.some(({ event }) => event.type !== 'error' && event.type !== 'escalation');
  return isAwaiting || node.kind === 'sub-process' ? undefined : token.id;
}

/** Takes back what was gathered for a token and is not stored yet. */
function dropGathered(course: Course, token: number): void {
  const taskIds = new Set(course.tasks.filter((task) => task.token === token).map(({ id }) => id));
  const waitIds = new Set(course.waits.filter((wait) => wait.token === token).map(({ id }) => id));
  course.tasks = course.tasks.filter(({ id }) => !taskIds.has(id));
  course.waits = course.waits.filter(({ id }) => !waitIds.has(id));
  course.timers = course.timers.filter(({ subjectId }) => !taskIds.has(subjectId) && !waitIds.has(subjectId));
  course.incidents = course.incidents.filter((incident) => incident.token !== token);
  course.called.delete(token);
}

async function openActivity(course: Course, node: Activity, token: number, variables: Values): Promise<void> {
  switch (node.kind) {
    case 'user':
      return openUserTask(course, node, token, variables);
    case 'service':
    case 'business-rule':
      return performTask(course, node, token, variables);
    case 'send': {
      const { message, content } = node;
      try {
        await throwEvent(course, { type: 'message', message, ...(content ? { content } : {}) }, variables);
        course.queue.push({ happening: { type: 'completed', token } });
      } catch (error) {
        tellFailure(course, token, error);
      }
      return;
    }
    case 'call':
      return callProcess(course, node, token, variables);
    case 'sub-process':
      throw new Error('a sub-process runs inside its instance');
  }
}

async function carryOut(course: Course, command: Command): Promise<void> {
  switch (command.do) {
    case 'open':
      return openActivity(course, course.model.place(command.node).node as Activity, command.token, command.variables);
    case 'await':
      return awaitEvent(course, command.token, command.event);
    case 'withdraw':
      dropGathered(course, command.token);
      course.withdrawn.add(command.token);
      return;
    case 'withdraw-event':
      course.withdrawnEvents.push(command);
      return;
    case 'throw': {
      const { node } = course.model.place(command.node);
      if ((node.kind === 'throw' || node.kind === 'end') && node.event && node.event.type !== 'terminate') {
        if (node.event.type !== 'error') await throwEvent(course, node.event, command.variables);
      }
      return;
    }
    case 'escalate':
      course.escalated.push(command);
      return;
    case 'incident':
      course.incidents.push({ id: course.tx.context.newId(), ...command });
      return;
    case 'end':
      course.ended = command;
  }
}

/** A refusal that nothing in the process takes is the deciding person's to hear; programs leave it as an incident. */
function tellPerson(course: Course, { happening, problem }: Told, commands: readonly Command[]): void {
  if (!problem || course.tx.context.actor.kind === 'system' || happening.type !== 'failed') return;
  if (commands.some((command) => command.do === 'incident' && command.token === happening.token)) throw problem;
}

/** Answers what was done, or null where the instance does not wait for it any more. */
async function takeStep(course: Course, told: Told, isFirst: boolean): Promise<readonly Command[] | null> {
  let settled = leavesNothing(course, told.happening);
  try {
    const { state, commands } = step(course.model, course.state, told.happening, course.evaluate);
    requireGivenKept(course, state);
    tellPerson(course, told, commands);
    course.state = state;
    for (const command of commands) {
      if (command.do === 'withdraw' && command.token === settled) settled = undefined;
      else await carryOut(course, command);
    }
    return commands;
  } catch (error) {
    if (!(error instanceof NotAwaitedError)) throw error;
    // What an effect answers can come too late within one transaction: another way has ended the instance.
    if (isFirst) throw new Problem('state.conflict', { detail: 'The process no longer waits for this.', cause: error });
    return null;
  }
}

/** Carries an instance through what happened until all rests, stores it once, and does what its end asks for. */
export async function drive(course: Course, happening?: Happening): Promise<void> {
  if (happening) course.queue.unshift({ happening });
  let isFirst = happening !== undefined;
  for (let told = 0; course.queue.length > 0; told++) {
    if (told >= mostHappenings)
      throw new Problem('rule.violated', { detail: 'The process goes round without an end.' });
    const next = course.queue.shift();
    const commands = next && (await takeStep(course, next, isFirst));
    if (next?.from) await answerCalled(course, next, commands ?? null);
    isFirst = false;
  }
  await storeCourse(course);
  if (course.ended) await settleEnd(course);
}

/** What the end of an instance does: to its subject, or to the instance that called it. */
async function settleEnd(course: Course): Promise<void> {
  const { tx, parts, row, ended } = course;
  if (row.parentInstanceId !== null || !ended || ended.status === 'failed') return;
  // It was drawn under a code before a process of a module shipped under it.
  if (row.subjectType === ownSubject) return;
  const process = parts.processes.find((one) => one.definition.code === row.definition);
  if (!process) {
    if (isOfSteps(row.hash)) throw new Error(`no module has registered the process ${row.definition}`);
    return;
  }
  await requireDecided(course);
  await process.settle(tx, {
    subjectId: row.subjectId,
    outcome: ended.outcome as Outcome,
    comment: course.comment,
    instanceId: row.id,
    variables: course.state.runs[0]?.variables ?? {},
  });
}

/** Carries an instance on, and where it ends the one that called it, upwards: the root's lock holds for all of them. */
export async function advance(course: Course, happening?: Happening): Promise<void> {
  await drive(course, happening);
  const { tx, parts, row, ended } = course;
  if ((!ended && course.escalated.length === 0) || row.parentInstanceId === null || row.parentToken === null) return;
  const parent = await instances.findInstance(tx, row.parentInstanceId);
  if (parent?.state !== 'running') return;
  const above = await openCourse(tx, parts, parent);
  above.comment = course.comment;
  above.isDecided = course.isDecided;
  tellCaller(above, course, row.parentToken);
  await advance(above);
}

/** Tells the instance that called another what comes of it: its escalations, then its end. */
function tellCaller(above: Course, called: Course, token: number): void {
  const instanceId = called.row.id;
  for (const { code, token: waits } of called.escalated) {
    const from = { instanceId, ...(waits === undefined ? {} : { token: waits }) };
    above.queue.push({ happening: { type: 'escalated', token, code }, from });
  }
  if (called.ended) above.queue.push({ ...answerTo(above, called, token), from: { instanceId } });
}

/**
 * Lets a called instance go on that has escalated (BPMN 2.0.2, §10.5.4), unless its caller's edge has interrupted it: then it is over,
 * and nothing else that it said counts.
 */
async function answerCalled(course: Course, { happening, from }: Told, done: readonly Command[] | null): Promise<void> {
  if (happening.type !== 'escalated' || !from) return;
  const { token } = happening;
  if (!done || done.some((command) => command.do === 'withdraw' && command.token === token)) {
    course.queue = course.queue.filter((told) => told.from?.instanceId !== from.instanceId);
    return;
  }
  const row = from.token === undefined ? undefined : await instances.findInstance(course.tx, from.instanceId);
  if (row?.state !== 'running' || !row.position?.tokens.some(({ id }) => id === from.token)) return;
  const called = await openCourse(course.tx, course.parts, row);
  await drive(called, { type: 'passed', token: from.token! });
  tellCaller(course, called, token);
}

/** What the instance that called an ended one is told of it. */
function answerTo(above: Course, { state, ended }: Course, token: number): Told {
  if (ended?.status === 'failed') {
    const code = ended.error ?? 'failed';
    const message = `The process that was called failed with ${code}.`;
    return { happening: { type: 'failed', token, code, message } };
  }
  const node = above.model.place(above.state.tokens.find(({ id }) => id === token)?.node ?? '').node;
  const inside = { ...state.runs[0]?.variables, outcome: ended?.outcome ?? null };
  try {
    const set = node.kind === 'call' ? evaluateEach(above, node.output, inside) : {};
    return { happening: { type: 'completed', token, set } };
  } catch (error) {
    return failureOf(token, error);
  }
}

/** What an instance begins with beside its model. */
export type Beginning = Pick<
  instances.InstanceRow,
  'id' | 'subjectType' | 'subjectId' | 'variables' | 'makers' | 'title' | 'summary'
> &
  Partial<Pick<instances.InstanceRow, 'parentInstanceId' | 'parentToken' | 'rootInstanceId' | 'depth'>>;

/**
 * Begins an instance inside the running transaction, `at` a start event or at the plain start, and carries it as far as it goes;
 * one that is `stopped` for a reason waits at its start with an incident.
 */
export async function beginInstance(
  tx: Tx,
  parts: WorkflowParts,
  body: Runnable,
  beginning: Beginning,
  { at, stopped }: { at?: string | undefined; stopped?: string | undefined } = {},
): Promise<Course> {
  const hash = await instances.keepDefinition(tx, body);
  const model = await modelByHash(hash, async () => body);
  const row: instances.InstanceRow = {
    ...{ definition: body.code, hash, state: 'running', outcome: null, step: null, position: null, revision: 0 },
    ...{ startedAt: tx.context.clock.now(), endedAt: null },
    ...{ parentInstanceId: null, parentToken: null, rootInstanceId: null, depth: 0 },
    ...beginning,
  };
  const course = await openCourse(tx, parts, row, model);
  // Every instance has its currency, declared or not; a module's own steps know their variables.
  const { currency: _currency, ...given } = beginning.variables;
  if (!isOfSteps(hash)) requireFittingVariables(model, given, course.evaluate, { atStart: true });
  if (stopped !== undefined && at !== undefined) {
    course.state = positionAtStep(at, beginning.variables);
    await drive(course, { type: 'stopped', token: tokenOfOldTask, message: stopped });
    return course;
  }
  const isCalled = row.parentInstanceId !== null;
  await drive(course, {
    ...{ type: 'started', variables: beginning.variables },
    ...(at === undefined ? {} : { at }),
    ...(isCalled ? { called: true } : {}),
  });
  return course;
}

/** How deep processes call each other at most: deeper is a process that calls itself. */
const deepestCall = 10;

/** Throws `rule.violated` for what cannot be evaluated: whoever acts is told. */
function inputOf(course: Course, { input }: CallActivity, variables: Values): Values {
  try {
    return evaluateEach(course, input, variables);
  } catch (error) {
    throw new Problem('rule.violated', { detail: (error as Error).message, cause: error });
  }
}

async function callProcess(course: Course, node: CallActivity, token: number, variables: Values): Promise<void> {
  const { tx, parts, row } = course;
  try {
    if (row.depth >= deepestCall) {
      throw new Problem('rule.violated', { detail: `Processes call each other over ${deepestCall} levels deep.` });
    }
    const taught = parts.processes.find(({ definition }) => definition.code === node.process)?.definition;
    const body = (await findInForce<ProcessModel>(tx, 'process', node.process))?.model ?? taught;
    if (!body) throw new Problem('not_found', { detail: `No process ${node.process} is published.` });
    const input = inputOf(course, node, variables);
    await insertRow(course);
    const { subjectType, subjectId, makers, title, summary } = row;
    const child = await beginInstance(tx, parts, body, {
      ...{ id: tx.context.newId(), subjectType, subjectId, makers, title, summary },
      variables: { ...(variables.currency === undefined ? {} : { currency: variables.currency }), ...input },
      ...{ parentInstanceId: row.id, parentToken: token, rootInstanceId: row.rootInstanceId ?? row.id },
      depth: row.depth + 1,
    });
    if (!child.ended) course.called.set(token, child.row.id);
    tellCaller(course, child, token);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    tellFailure(course, token, error);
  }
}
