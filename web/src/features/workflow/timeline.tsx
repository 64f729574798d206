import { useQuery } from '@tanstack/react-query';
import { namesQuery } from '../../api/queries.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { nodeName } from './model-nodes.ts';
import { whoMay, whyOpened } from './routing-words.ts';
import type { Happened, InstanceDetail } from './shapes.ts';

const words: Record<string, string> = {
  started: 'It began',
  'task.created': 'was asked for',
  'incident.raised': 'stopped',
  'incident.resolved': 'was tried again',
  completed: 'It ended',
  cancelled: 'It was cancelled',
  failed: 'It failed',
};

function What({ instance, each, person }: { instance: InstanceDetail; each: Happened; person: string | null }) {
  const { what, node, outcome, text } = each;
  const name = node && <b>{nodeName(instance.model, node)}</b>;
  const task = what === 'task.created' && instance.tasks.find(({ step }) => step === node);
  if (what === 'task.completed') {
    return (
      <>
        {name}: <b>{wordsOf(outcome ?? '')}</b> by {person ?? 'the process itself'}
        {text && <div className="t-dim">“{text}”</div>}
      </>
    );
  }
  return (
    <>
      {name} {words[what] ?? wordsOf(what)}
      {outcome && <>: {wordsOf(outcome).toLowerCase()}</>}
      {person && ` by ${person}`}
      {text && <div className={what === 'incident.raised' ? 'neg t-sm' : 't-dim t-sm'}>{text}</div>}
      {task && (
        <div className="t-dim t-sm">
          {[whyOpened(task.routing), whoMay(task.routing, instance.model)].filter(Boolean).join('. ')}.
        </div>
      )}
    </>
  );
}

/** What happened to a process, oldest first: who, when, and why it went that way. */
export function Timeline({ instance }: { instance: InstanceDetail }) {
  const people = useQuery(namesQuery());
  const personOf = (id: string | null) =>
    id && (people.data?.items.find((one) => one.id === id)?.name ?? 'somebody who has left');
  return (
    <ol className="feed timeline">
      {instance.history.map((each, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what happened stays where it stands
        <li key={place} data-what={each.what}>
          <time className="t-dim t-sm num" dateTime={each.at}>
            {instantText(each.at)}
          </time>
          <span>
            <What instance={instance} each={each} person={personOf(each.personId)} />
          </span>
        </li>
      ))}
    </ol>
  );
}
