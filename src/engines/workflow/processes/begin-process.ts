import { emit } from '#events';
import { handsOf, recordAudit } from '#security';
import type { ProcessModel } from '../definitions/process-model.ts';
import type { Values } from '../instances/instance-state.ts';
import { beginInstance } from '../instances/run-instance.ts';
import { ownSubject, type Tx, workflowParts } from '../instances/workflow-parts.ts';

/** How an instance of a published process begins that is about itself. */
export interface Begin {
  title: string;
  variables: Values;
  currency: string;
  /** Who began it: none of them decides, nor do those behind a program among them. */
  makers: readonly string[];
  /** The start event; absent: the plain one. */
  at?: string | undefined;
  /** Why it stops where it begins, for an administrator; absent: it goes on. */
  stopped?: string | undefined;
}

/** Begins an instance inside the running transaction, with its traces, and answers its id. Throws as `startProcess` does. */
export async function beginProcess(
  tx: Tx,
  model: ProcessModel,
  { title, variables, currency, makers, at, stopped }: Begin,
): Promise<string> {
  const id = tx.context.newId();
  const { code } = model;
  await recordAudit(tx, {
    ...{ action: 'workflow.started', entityType: ownSubject, entityId: id },
    after: { process: code, title, variables, ...(at === undefined ? {} : { at }) },
  });
  await emit(tx, {
    ...{ type: 'workflow.instance.started', subjectType: ownSubject, subjectId: id },
    data: { instanceId: id, definition: code, subjectType: ownSubject, subjectId: id },
  });
  const beginning = {
    ...{ id, subjectType: ownSubject, subjectId: id, title, summary: {} },
    variables: { ...variables, currency },
    makers: [...(await handsOf(tx, makers))],
  };
  await beginInstance(tx, workflowParts(), model, beginning, { at, stopped });
  return id;
}
