import { createHash } from 'node:crypto';
import type { ProcessModel } from './process-model.ts';

/**
 * What a model does as 64 hexadecimal digits: SHA-256 of its canonical JSON (RFC 8785), without how it is drawn and the file that it
 * came from. The order of nodes, flows and variables says nothing and does not change it.
 */
export function hashModel({ diagram: _, source: __, unsupported: ___, ...model }: ProcessModel): string {
  return createHash('sha256').update(canonical(model)).digest('hex');
}

/** Lists whose order says nothing; outcomes, escalations and forms have one. */
const unordered = new Set(['nodes', 'flows', 'variables', 'roles', 'notActorOf']);

function canonical(value: unknown, key = ''): string {
  if (Array.isArray(value)) {
    const members = value.map((member) => canonical(member));
    return `[${(unordered.has(key) ? members.sort() : members).join(',')}]`;
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member, name)}`);
  return `{${members.join(',')}}`;
}
