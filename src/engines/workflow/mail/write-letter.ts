import type { MailKind } from './mail-store.ts';

/** A task as a letter names it. */
export interface LetterTask {
  taskId: string;
  title: string;
  step: string;
  dueAt: Date;
}

/** What a letter is written from. */
export interface LetterParts {
  tasks: readonly [LetterTask, ...LetterTask[]];
  /** Why it is written; a digest has none. */
  kind: MailKind | null;
  /** Where the product is reached. */
  publicUrl: string;
  timeZone: string;
}

/** A letter: it says what waits and where it is decided, no figures, and nothing that signs anybody in. */
export interface Letter {
  subject: string;
  text: string;
  html: string;
}

/** Tasks that one digest names; who has more looks into the inbox anyway. */
const mostTasks = 50;

const words: Record<MailKind, string> = {
  opened: 'To decide',
  given: 'Passed on to you',
  reminded: 'Still to decide',
  escalated: 'Now with you to decide',
};

/** One line, whatever was typed as a title. */
const line = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, 150);

const escaped = (text: string) => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);

/** Writes a letter about what waits for somebody. */
export function writeLetter({ tasks, kind, publicUrl, timeZone }: LetterParts): Letter {
  const when = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' });
  const at = (path: string) => new URL(path, publicUrl).href;
  const named = tasks.slice(0, mostTasks).map((task) => ({
    what: `${line(task.title)} – ${line(task.step)}`,
    due: `until ${when.format(task.dueAt)} (${timeZone})`,
    link: at(`/work?task=${task.taskId}`),
  }));
  const more = tasks.length > named.length ? `And ${tasks.length - named.length} more.` : '';
  const foot = `How you hear of tasks is yours to choose: ${at('/my-account')}`;
  const first = line(tasks[0].title);
  const several = `${tasks.length} ${tasks.length === 1 ? 'task waits' : 'tasks wait'} for you`;
  const items = named.map(
    ({ what, due, link }) => `<li><a href="${escaped(link)}">${escaped(what)}</a><br>${escaped(due)}</li>`,
  );
  return {
    subject: kind === null ? several : `${words[kind]}: ${first}`,
    text: [...named.map(({ what, due, link }) => `${what}\n${due}\n${link}`), ...(more ? [more] : []), foot].join(
      '\n\n',
    ),
    html: `<ul>${items.join('')}</ul>${more && `<p>${more}</p>`}<p>${escaped(foot)}</p>`,
  };
}
