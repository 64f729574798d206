import type { Context } from '#context';
import { emit } from '#events';
import { liesInScope } from '#scope';
import { findPeople, type Mailer, MailRefused } from '#security';
import * as instances from '../instances/instance-store.ts';
import { modelByHash } from '../instances/running-model.ts';
import type { Tx } from '../instances/workflow-parts.ts';
import { claimMails, type DueMail, endMails, type MailedTask, mailedTasks, putOffMails } from './mail-store.ts';
import { type Letter, type LetterTask, writeLetter } from './write-letter.ts';

/** Longer than a batch of mails takes to a server that answers slowly. */
const claimMs = 5 * 60_000;
const minuteMs = 60_000;
/** Pauses before a mail is tried again; after the last it is given up, some sixteen hours after it was due. */
const pausesMs = [1, 5, 15, 60, 120, 240, 480].map((minutes) => minutes * minuteMs);

/** What sending needs. */
export interface SendParts {
  mail: Mailer;
  /** Where links lead. */
  publicUrl: string;
  /** Whether the process drains: the letter at hand is the last then. */
  isDraining?: () => boolean;
}

/** One letter: a mail at once, or all that somebody hears once a day; in an order that stays, since the first names the letter. */
function lettersOf(mails: readonly DueMail[]): [DueMail, ...DueMail[]][] {
  const inOrder = mails.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const byPerson = Map.groupBy(inOrder, ({ id, digest, personId }) => (digest ? personId : id));
  return [...byPerson.values()] as [DueMail, ...DueMail[]][];
}

async function named(tx: Tx, { taskId, title, step, dueAt, definition, hash }: MailedTask): Promise<LetterTask> {
  const { place } = await modelByHash(hash, () => instances.readDefinition(tx, definition, hash));
  return { taskId, title, step: place(step).node.name ?? step, dueAt };
}

/** What goes to whom; null where nothing waits for them any more, or they have left. */
async function compose(
  tx: Tx,
  mails: readonly [DueMail, ...DueMail[]],
  publicUrl: string,
): Promise<(Letter & { to: string }) | null> {
  const [{ personId, digest, kind }] = mails;
  const [person] = await findPeople(tx, { ids: [personId] });
  if (!person?.active) return null;
  const tasks: LetterTask[] = [];
  for (const task of await mailedTasks(tx, mails, personId)) {
    // Whoever was moved to another part of the tenant since is told nothing of this one.
    const isTheirs = await liesInScope(tx, person.scope, { type: task.subjectType, id: task.subjectId });
    if (isTheirs) tasks.push(await named(tx, task));
  }
  const [first, ...others] = tasks;
  if (!first) return null;
  const { timeZone } = tx.context.tenant;
  const letter = writeLetter({ tasks: [first, ...others], kind: digest ? null : kind, publicUrl, timeZone });
  return { ...letter, to: person.email };
}

async function giveUp(tx: Tx, mails: readonly DueMail[], error: string): Promise<void> {
  await endMails(tx, mails, 'failed', error);
  for (const { id, personId, taskId } of mails) {
    await emit(tx, {
      ...{ type: 'workflow.mail.failed', subjectType: 'task', subjectId: taskId },
      data: { mailId: id, personId, taskId },
    });
  }
}

/** What becomes of mails that did not go out: tried again later, or given up. */
async function settleRefused(tx: Tx, mails: readonly DueMail[], refused: MailRefused): Promise<void> {
  const now = tx.context.clock.now().getTime();
  for (const mail of mails) {
    const pauseMs = pausesMs[mail.tries - 1];
    if (refused.isFinal || pauseMs === undefined) await giveUp(tx, [mail], refused.message);
    else await putOffMails(tx, [mail], new Date(now + pauseMs), refused.message);
  }
}

/**
 * Sends what is due in a tenant, one batch; answers how many mails it took. A process that ends between the server's yes and
 * the mark sends again, under the same id.
 */
export async function sendMails(context: Context, parts: SendParts): Promise<number> {
  const { db, clock } = context;
  const until = new Date(clock.now().getTime() + claimMs);
  const due = await db.transact(context, (tx) => claimMails(tx, until));
  let refused: MailRefused | undefined;
  for (const mails of lettersOf(due)) {
    if (parts.isDraining?.()) break;
    // A server that cannot be reached for one cannot for the next: nobody waits for it twenty times.
    if (!refused || refused.isFinal) refused = await sendOne(context, mails, parts);
    else {
      const { message } = refused;
      await db.transact(context, (tx) => settleRefused(tx, mails, new MailRefused(message, false)));
    }
  }
  return due.length;
}

async function sendOne(
  context: Context,
  mails: readonly [DueMail, ...DueMail[]],
  { mail, publicUrl }: SendParts,
): Promise<MailRefused | undefined> {
  const { db } = context;
  const letter = await db.read(context, (tx) => compose(tx, mails, publicUrl));
  if (!letter) {
    await db.transact(context, (tx) => endMails(tx, mails, 'dropped'));
    return undefined;
  }
  try {
    await mail.send({ ...letter, id: mails[0].id });
  } catch (error) {
    if (!(error instanceof MailRefused)) throw error;
    await db.transact(context, (tx) => settleRefused(tx, mails, error));
    return error;
  }
  await db.transact(context, (tx) => endMails(tx, mails, 'sent'));
  return undefined;
}
