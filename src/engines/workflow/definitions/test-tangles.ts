import fc from 'fast-check';
import type { Body, Flow, ProcessNode } from './process-model.ts';

/** `a > b > c; b > d`: flows between nodes whose first letter says what they are: a service task, where it is no other kind. */
export function draw(flows: string, nodes: readonly ProcessNode[] = []): Body {
  const given = new Map(nodes.map((node) => [node.id, node]));
  const pairs = flows.split(';').flatMap((line) => {
    const ids = line.split('>').map((id) => id.trim());
    return ids.slice(1).map((to, at): [string, string] => [ids[at]!, to]);
  });
  const ids = new Set(pairs.flat());
  const kinds = { s: 'start', e: 'end', x: 'exclusive', p: 'parallel', o: 'inclusive', g: 'event' } as const;
  const made = [...ids].map((id): ProcessNode => {
    const kind = kinds[id[0] as keyof typeof kinds];
    return given.get(id) ?? (kind ? { kind, id } : { kind: 'service', id, effect: 'note' });
  });
  return {
    nodes: [...made, ...nodes.filter(({ id }) => !ids.has(id))],
    flows: pairs.map(([from, to]): Flow => ({ id: `${from}>${to}`, from, to, condition: 'true' })),
  };
}

/**
 * Nodes of the kinds that letters name, with flows from earlier to later ones as they come: hardly ever well-structured. `z` ends
 * everything; `b` is a task with an interrupting timer (`B` and its number) that leads elsewhere.
 */
export const tangles = (letters: string): fc.Arbitrary<Body> =>
  fc
    .tuple(
      fc.array(fc.constantFrom(...letters), { minLength: 6, maxLength: 9 }),
      fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { minLength: 10, maxLength: 20 }),
    )
    .map(([kinds, links]) => {
      const ids = ['p', ...kinds].map((kind, at) => `${kind}${at}`);
      const pairs = new Set([`s>${ids[0]}`]);
      const drawn = (id: string) => [...pairs].some((pair) => pair.startsWith(`${id}>`));
      for (const [a, b] of links) {
        const [from, to] = [Math.min(a, b) % ids.length, Math.max(a, b) % ids.length];
        if (from < to) pairs.add(`${wayOut(ids[from]!, drawn)}>${ids[to]}`);
      }
      const edges = ids.filter((id) => id.startsWith('b')).map((id) => id.toUpperCase());
      for (const id of [...ids, ...edges]) if (!drawn(id) && !/[ez]/.test(id)) pairs.add(`${id}>e`);
      return drawReached(
        [...pairs].filter((pair) => !pair.startsWith('>')),
        ids,
      );
    });

/** What a further flow out of a node leaves from; empty: nothing more leaves it. */
function wayOut(id: string, drawn: (id: string) => boolean): string {
  if (/[ez]/.test(id)) return '';
  if (!/[tb]/.test(id) || !drawn(id)) return id;
  const edge = id.toUpperCase();
  return id.startsWith('b') && !drawn(edge) ? edge : '';
}

/** What a start leads to. */
function drawReached(pairs: readonly string[], ids: readonly string[]): Body {
  const reached = new Set(['s']);
  for (const id of reached) {
    if (id.startsWith('b')) reached.add(id.toUpperCase());
    for (const pair of pairs) if (pair.startsWith(`${id}>`)) reached.add(pair.split('>')[1]!);
  }
  const special = ids
    .filter((id) => reached.has(id))
    .flatMap((id): ProcessNode[] => {
      if (id.startsWith('z')) return [{ kind: 'end', id, event: { type: 'terminate' } }];
      if (!id.startsWith('b')) return [];
      const event = { type: 'timer', timer: { after: 'PT1H' } } as const;
      return [{ kind: 'boundary', id: id.toUpperCase(), attachedTo: id, interrupting: true, event }];
    });
  const flows = pairs.filter((pair) => reached.has(pair.split('>')[0]!));
  return draw(flows.join(';').replaceAll('>', ' > '), special);
}
