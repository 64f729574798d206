import fc from 'fast-check';
import type { Body, BoundaryNode, Flow, ProcessModel, ProcessNode } from './process-model.ts';

/** A well-structured piece of a process: what stands between one flow in and one out. */
export type Block =
  | { is: 'task' }
  | { is: 'sequence' | 'exclusive' | 'parallel' | 'inclusive' | 'event'; of: readonly Block[] }
  | { is: 'loop'; of: readonly Block[] }
  | { is: 'sub-process'; of: readonly Block[] }
  | { is: 'guarded'; of: readonly Block[] };

/** Random blocks inside each other. */
export const blocks: fc.Arbitrary<Block> = fc.letrec<{ block: Block }>((tie) => {
  const some = (minLength: number, maxLength: number) => fc.array(tie('block'), { minLength, maxLength });
  return {
    block: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constant<Block>({ is: 'task' }),
      fc.record({ is: fc.constant('sequence' as const), of: some(1, 4) }),
      fc.record({ is: fc.constantFrom('exclusive', 'parallel', 'inclusive', 'event'), of: some(2, 4) }),
      fc.record({ is: fc.constant('loop' as const), of: some(2, 2) }),
      fc.record({ is: fc.constantFrom('sub-process' as const, 'guarded' as const), of: some(1, 1) }),
    ) as fc.Arbitrary<Block>,
  };
}).block;

/** Puts nodes and flows together, with ids of their own. */
export class Drawing {
  nodes: ProcessNode[] = [];
  flows: Flow[] = [];
  readonly count: { n: number };

  constructor(count = { n: 0 }) {
    this.count = count;
  }

  id = (prefix: string) => `${prefix}${this.count.n++}`;

  node<N extends ProcessNode>(node: N): string {
    this.nodes.push(node);
    return node.id;
  }

  flow(from: string, to: string, more: Partial<Flow> = {}): string {
    const id = this.id('f');
    this.flows.push({ id, from, to, ...more });
    return id;
  }

  /** Appends a block behind a node; answers the node that it ends with. */
  block(block: Block, from: string, condition?: string): string {
    const link = (to: string) => this.flow(from, to, condition === undefined ? {} : { condition });
    switch (block.is) {
      case 'task': {
        const id = this.node({ kind: 'service', id: this.id('t'), effect: 'note' });
        link(id);
        return id;
      }
      case 'sequence': {
        const [first, ...rest] = block.of;
        return rest.reduce((at, next) => this.block(next, at), this.block(first!, from, condition));
      }
      case 'loop':
        return this.loop(block.of, link);
      case 'sub-process': {
        const inner = new Drawing(this.count);
        inner.whole(block.of[0]!);
        const id = this.node({ kind: 'sub-process', id: this.id('s'), body: inner.body() });
        link(id);
        return id;
      }
      case 'guarded':
        return this.guarded(block.of[0]!, link);
      default:
        return this.branches(block.is, block.of, link);
    }
  }

  loop([forth, back]: readonly Block[], link: (to: string) => void): string {
    const merge = this.node({ kind: 'exclusive', id: this.id('m') });
    link(merge);
    const split: string = this.id('x');
    const ahead = this.block(forth!, merge);
    this.node({ kind: 'exclusive', id: split });
    this.flow(ahead, split);
    this.flow(this.block(back!, split, 'again'), merge);
    const on = this.node({ kind: 'throw', id: this.id('p') });
    const byDefault = this.flow(split, on);
    this.nodes = this.nodes.map((node) => (node.id === split ? { ...node, default: byDefault } : node) as ProcessNode);
    return on;
  }

  /** A task with an interrupting timer that leads back, and one beside it that leads to an end. */
  guarded(block: Block, link: (to: string) => void): string {
    const task = this.node({ kind: 'service', id: this.id('t'), effect: 'note' });
    link(task);
    const boundary = (interrupting: boolean) =>
      this.node<BoundaryNode>({
        kind: 'boundary',
        id: this.id('b'),
        attachedTo: task,
        interrupting,
        event: { type: 'timer', timer: { after: 'PT1H' } },
      });
    const merge = this.node({ kind: 'exclusive', id: this.id('m') });
    this.flow(task, merge);
    this.flow(this.block(block, boundary(true)), merge);
    const end = this.node({ kind: 'end', id: this.id('e') });
    this.flow(this.block({ is: 'task' }, boundary(false)), end);
    return merge;
  }

  branches(
    kind: 'exclusive' | 'parallel' | 'inclusive' | 'event',
    of: readonly Block[],
    link: (to: string) => void,
  ): string {
    const split = this.node({ kind, id: this.id('g') });
    link(split);
    const ends = of.map((branch, at) => {
      const isCondition = (kind === 'exclusive' || kind === 'inclusive') && at > 0;
      if (kind !== 'event') return this.block(branch, split, isCondition ? `chosen = ${at}` : undefined);
      const waits = this.node({ kind: 'catch', id: this.id('c'), event: { type: 'signal', signal: `s${at}` } });
      this.flow(split, waits);
      return this.block(branch, waits);
    });
    const first = this.flows.find(({ from }) => from === split)!.id;
    if (kind === 'exclusive' || kind === 'inclusive') {
      this.nodes = this.nodes.map((node) => (node.id === split ? { ...node, default: first } : node) as ProcessNode);
    }
    const join = this.node({ kind: kind === 'event' ? 'exclusive' : kind, id: this.id('j') });
    for (const end of ends) this.flow(end, join);
    return join;
  }

  whole(block: Block): this {
    const start = this.node({ kind: 'start', id: this.id('start') });
    const end = this.id('end');
    const last = this.block(block, start);
    this.node({ kind: 'end', id: end });
    this.flow(last, end);
    return this;
  }

  body = (): Body => ({ nodes: this.nodes, flows: this.flows });
}

/** A process of one block. */
export const modelOf = (block: Block): ProcessModel => ({
  code: 'p',
  title: 'P',
  variables: [{ name: 'chosen', type: 'number' }],
  body: new Drawing().whole(block).body(),
});

/** Tokens of a body by flow while a path of findings is replayed. */
interface Replay {
  tokens: Map<string, number>;
  /** Nodes that fired and did not emit yet. */
  owes: Map<string, number>;
}

/**
 * Plays a path of ids on a body, in BPMN's own terms: a node takes its tokens, a flow gets one from its source. Throws where a
 * step cannot happen; answers the tokens on flows at the end.
 */
export function replay(body: Body, path: readonly string[]): Map<string, number> {
  const nodes = new Map(body.nodes.map((node) => [node.id, node]));
  const flows = new Map(body.flows.map((flow) => [flow.id, flow]));
  const state: Replay = { tokens: new Map(), owes: new Map() };
  for (const id of path) {
    const node = nodes.get(id);
    if (node) takeTokens(body, node, state);
    else putToken(nodes, flows.get(id)!, state);
  }
  return state.tokens;
}

const add = (map: Map<string, number>, key: string, change: number): void => {
  map.set(key, (map.get(key) ?? 0) + change);
  if (map.get(key) === 0) map.delete(key);
};

function takeTokens(body: Body, node: ProcessNode, { tokens, owes }: Replay): void {
  if (node.kind === 'boundary') {
    if (!owes.has(node.attachedTo)) throw new Error(`${node.id} fires, but nothing runs at ${node.attachedTo}`);
    if (node.interrupting) add(owes, node.attachedTo, -1);
    add(owes, node.id, 1);
    return;
  }
  const ins = body.flows.filter(({ to }) => to === node.id).map(({ id }) => id);
  const marked = ins.filter((id) => tokens.has(id));
  if (node.kind !== 'start' && marked.length === 0) throw new Error(`${node.id} fires without a token`);
  if (node.kind === 'parallel' && marked.length < ins.length) throw new Error(`${node.id} fires without all tokens`);
  const takes = node.kind === 'parallel' || node.kind === 'inclusive' ? marked : marked.slice(0, 1);
  for (const id of takes) add(tokens, id, -1);
  const out = body.flows.filter(({ from }) => from === node.id).length;
  if (out > 0) add(owes, node.id, node.kind === 'parallel' ? out : 1);
}

function putToken(nodes: ReadonlyMap<string, ProcessNode>, flow: Flow, { tokens, owes }: Replay): void {
  const isFree = nodes.get(flow.from)?.kind === 'inclusive';
  if (!isFree) {
    if (!owes.has(flow.from)) throw new Error(`${flow.id} gets a token that ${flow.from} does not give`);
    add(owes, flow.from, -1);
  }
  add(tokens, flow.id, 1);
}
