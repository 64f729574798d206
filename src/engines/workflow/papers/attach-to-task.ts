import type { Context } from '#context';
import { emit } from '#events';
import { checkPaper, type SentPaper } from '#papers';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { Tx } from '../instances/workflow-parts.ts';
import { lockOpenTask } from '../lock-open-task.ts';
import { isCandidate } from '../workflow-store.ts';
import { insertPaper, papersOf, type TaskPaper } from './paper-store.ts';

/** Papers of one instance at most: whoever decides reads them. */
const mostPapers = 20;

/**
 * Attaches a paper to an open task that is the actor's; the same content again is the same paper. Throws `not_found`,
 * `approval.not_candidate`, `state.conflict`, `rule.violated` where there are too many, and as `checkPaper` does.
 */
export async function attachToTask(context: Context, taskId: string, sent: SentPaper): Promise<TaskPaper> {
  const { content, ...checked } = checkPaper(sent);
  return context.db.transact(context, async (tx) => {
    await requireTheirs(tx, taskId);
    const { task } = (await lockOpenTask(tx, taskId)) ?? isOver();
    const papers = await papersOf(tx, task.instanceId);
    const same = papers.find(({ sha256 }) => sha256 === checked.sha256);
    if (same) return same;
    if (papers.length >= mostPapers)
      throw new Problem('rule.violated', { detail: `A process takes ${mostPapers} papers at most.` });
    const paper: TaskPaper = {
      ...{ ...checked, id: context.newId(), taskId, instanceId: task.instanceId },
      ...{ attachedBy: context.actor.id, attachedAt: context.clock.now() },
    };
    await insertPaper(tx, paper, content);
    await recordAudit(tx, {
      ...{ action: 'task.paper_attached', entityType: 'task', entityId: taskId },
      after: { attachmentId: paper.id, ...checked },
    });
    await emit(tx, {
      ...{ type: 'workflow.task.paper_attached', subjectType: 'task', subjectId: taskId },
      data: { taskId, attachmentId: paper.id, subjectType: task.subjectType, subjectId: task.subjectId },
    });
    return paper;
  });
}

function isOver(): never {
  throw new Problem('state.conflict', { detail: 'This task is over.' });
}

async function requireTheirs(tx: Tx, taskId: string): Promise<void> {
  if (!(await isCandidate(tx, taskId, tx.context.actor.id))) throw new Problem('approval.not_candidate');
}

/** A paper of the instance that a task belongs to. Throws `not_found`. */
export async function findPaper(tx: Tx, instanceId: string, paperId: string): Promise<TaskPaper> {
  return (await papersOf(tx, instanceId)).find(({ id }) => id === paperId) ?? notFound('attachment', paperId);
}
