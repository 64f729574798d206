import type { Body, ProcessNode } from './process-model.ts';

/**
 * Plays every run of a body without activities that have boundary events or bodies, step by step in every order, and tells whether it
 * is sound: the plain definition, to compare with. Null where there are over 4,000 states.
 */
export function isSoundByPlaying(body: Body): boolean | null {
  const game = new Game(body);
  const states = new Map<string, { marking: readonly string[]; after: string[] }>();
  const used = new Set<string>();
  const pending: (readonly string[])[] = [game.out(body.nodes.find(({ kind }) => kind === 'start')!.id)];
  for (let marking = pending.pop(); marking; marking = pending.pop()) {
    const key = keyOf(marking);
    if (states.has(key)) continue;
    if (states.size >= 4_000) return null;
    for (const flow of marking) used.add(flow);
    const after = game.after(marking);
    if (after === null || (after.length === 0 && marking.length > 0)) return false;
    states.set(key, { marking, after: after.map(keyOf) });
    pending.push(...after);
  }
  const good = new Set(['']);
  for (let size = 0; size < good.size; ) {
    size = good.size;
    for (const [key, { after }] of states) if (after.some((next) => good.has(next))) good.add(key);
  }
  return [...states.keys()].every((key) => good.has(key)) && body.flows.every(({ id }) => used.has(id));
}

const keyOf = (marking: readonly string[]) => marking.toSorted().join(' ');

class Game {
  readonly body: Body;
  readonly targets: ReadonlyMap<string, string>;

  constructor(body: Body) {
    this.body = body;
    this.targets = new Map(body.flows.map(({ id, to }) => [id, to]));
  }

  out = (id: string) => this.body.flows.filter(({ from }) => from === id).map((flow) => flow.id);
  into = (id: string) => this.body.flows.filter(({ to }) => to === id).map((flow) => flow.id);

  /** The markings after each step that is possible; null where two tokens come to one place. */
  after(marking: readonly string[]): string[][] | null {
    const results: string[][] = [];
    for (const node of this.body.nodes) {
      const present = marking.filter((flow) => this.targets.get(flow) === node.id);
      if (present.length === 0 || !this.mayFire(node, present, marking)) continue;
      if (node.kind === 'end') {
        for (const flow of present) results.push(node.event ? [] : marking.filter((other) => other !== flow));
        continue;
      }
      const joins = node.kind === 'parallel' || node.kind === 'inclusive';
      if (!joins && present.length > 1) return null;
      const rest = marking.filter((flow) => !present.includes(flow));
      for (const chosen of this.choices(node)) {
        if (chosen.some((flow) => rest.includes(flow))) return null;
        results.push([...rest, ...chosen]);
      }
    }
    return results;
  }

  mayFire(node: ProcessNode, present: readonly string[], marking: readonly string[]): boolean {
    const empty = this.into(node.id).filter((flow) => !present.includes(flow));
    if (node.kind === 'parallel') return empty.length === 0;
    if (node.kind !== 'inclusive') return true;
    return !marking.some((flow) => {
      if (present.includes(flow)) return false;
      const ahead = this.ahead(flow, node.id);
      return empty.some((into) => ahead.has(into)) && !present.some((into) => ahead.has(into));
    });
  }

  /** Flows that a token on a flow can reach without passing a node. */
  ahead(flow: string, without: string): Set<string> {
    const reached = new Set([flow]);
    for (const at of reached) {
      const node = this.targets.get(at)!;
      if (node !== without) for (const next of this.out(node)) reached.add(next);
    }
    return reached;
  }

  choices(node: ProcessNode): string[][] {
    const out = this.out(node.id);
    if (node.kind === 'exclusive') return out.map((flow) => [flow]);
    if (node.kind !== 'inclusive') return [out];
    return Array.from({ length: 2 ** out.length - 1 }, (_, bits) => out.filter((_flow, at) => (bits + 1) & (1 << at)));
  }
}
