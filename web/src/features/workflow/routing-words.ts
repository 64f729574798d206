import { wordsOf } from '../../ui/format.ts';
import { nodeName } from './model-nodes.ts';
import type { ProcessModel, Routing } from './shapes.ts';

/** Who may take a task, in words: `whoever holds promotions:approve and has a limit that covers spend`. */
export function whoMay({ candidates = {} }: Routing, model: ProcessModel): string {
  const { permission, roles, people, managerOf, limitCovers, notActorOf } = candidates;
  const all = [
    permission && `holds ${permission}`,
    roles && roles.length > 0 && `is ${roles.map(wordsOf).join(' or ')}`,
    people && `is named by ${people}`,
    managerOf && `manages ${managerOf.person}`,
    limitCovers && `has a limit that covers ${limitCovers}`,
    notActorOf && notActorOf.length > 0 && `did not take ${notActorOf.map((id) => nodeName(model, id)).join(', ')}`,
  ].filter(Boolean);
  return all.length > 0 ? `Whoever ${all.join(' and ')}` : 'Nobody is named';
}

/** Why a task was opened, in words; null where every instance comes to it. */
export function whyOpened({ when, escalated }: Routing): string | null {
  const why = [when && `Because ${when}`, escalated && 'Others were asked when its time was over'].filter(Boolean);
  return why.length > 0 ? why.join('. ') : null;
}
