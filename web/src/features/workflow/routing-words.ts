import { wordsOf } from '../../ui/format.ts';
import { nodeName } from './model-nodes.ts';
import type { ProcessModel, Routing } from './shapes.ts';
import { conditionInWords, nameOfVariable, variableInSentence } from './variable-words.ts';

const deeds: Readonly<Record<string, string>> = { write: 'change', read: 'see', create: 'plan', act: 'take part in' };

/** A permission in words: `promotions:approve` is “may approve promotions”. */
function permissionInWords(permission: string): string {
  const [thing = '', deed = ''] = permission.split(':');
  return `may ${deeds[deed] ?? deed} ${thing}`;
}

/** Who may take a task, in words: “Whoever may approve promotions and has a limit that covers the amount”. */
export function whoMay({ candidates = {} }: Routing, model: ProcessModel): string {
  const { permission, roles, people, managerOf, limitCovers, notActorOf } = candidates;
  const all = [
    permission && permissionInWords(permission),
    roles && roles.length > 0 && `has the role ${roles.map((role) => wordsOf(role)).join(' or ')}`,
    people && `is named under “${nameOfVariable(people)}”`,
    managerOf && `is the manager of “${nameOfVariable(managerOf.person)}”`,
    limitCovers && `has a limit that covers the ${variableInSentence(limitCovers)}`,
    notActorOf && notActorOf.length > 0 && `did not take ${notActorOf.map((id) => nodeName(model, id)).join(', ')}`,
  ].filter(Boolean);
  return all.length > 0 ? `Whoever ${all.join(' and ')}` : 'Nobody is named';
}

/** Why a task was opened, in words; null where every instance comes to it. */
export function whyOpened({ when, escalated }: Routing): string | null {
  const why = [
    when && `Because ${conditionInWords(when)}`,
    escalated && 'Others were asked when its time was over',
  ].filter(Boolean);
  return why.length > 0 ? why.join('. ') : null;
}
