import type { CandidateRule, UserTask } from './definitions/process-model.ts';
import type { Course } from './instances/course.ts';
import * as instances from './instances/instance-store.ts';
import { openCourse } from './instances/run-instance.ts';
import { tokenOfOldTask } from './instances/running-model.ts';
import { type Tx, workflowParts } from './instances/workflow-parts.ts';
import * as store from './workflow-store.ts';

/** A locked open task with its instance, made ready to go on. */
export interface OpenTask {
  task: store.Task;
  course: Course;
  node: UserTask;
  token: number;
}

/** Locks a task that is still open, its instance before it; null where it is over. */
export async function lockOpenTask(tx: Tx, taskId: string): Promise<OpenTask | null> {
  const row = await instances.lockInstanceOfTask(tx, taskId);
  const task = await store.lockTask(tx, taskId);
  if (!row || !task || task.state === 'completed' || task.state === 'cancelled') return null;
  const course = await openCourse(tx, workflowParts(), row);
  const { node } = course.model.place(task.step);
  return node.kind === 'user' ? { task, course, node, token: task.token ?? tokenOfOldTask } : null;
}

/** The rule that a task is given out by: its own, or the one of the escalation that it came to. */
export const ruleOf = ({
  task,
  node,
}: {
  task: Pick<store.Task, 'routing'>;
  node: Pick<UserTask, 'candidates'>;
}): CandidateRule => (task.routing.escalated ? (task.routing.candidates as CandidateRule) : node.candidates);
