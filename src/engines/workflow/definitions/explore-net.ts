import { endsAll, type NetNode, type TokenNet, vanishes } from './token-net.ts';

/**
 * What is wrong with a token net, with the ids passed on the way there. `twice`: two tokens may be at one place at the same
 * time; `stuck`: tokens wait for what cannot come; `endless`: no end can be reached any more; `undecided`: too many states.
 */
export interface NetFault {
  kind: 'twice' | 'stuck' | 'endless' | 'undecided';
  /** Ids of the elements that it is about. */
  elements: string[];
  path: string[];
}

/** States of one body that are looked at before a process is refused as undecided: under a second. */
const maxStates = 20_000;
/** Combinations of an inclusive split that are looked at. */
const maxChoices = 4_096;

/** Tokens by flow, each with the nodes that fired independently of it, in no order: what fires them again, fires twice. */
type Marking = ReadonlyMap<number, ReadonlySet<number>>;

interface Step {
  node: number;
  emitted: readonly number[];
}

interface State {
  marking: Marking;
  before: number;
  step: Step;
  after: number[];
  isWhole: boolean;
}

/** Nodes and flows of the net that took part in some run. */
export interface Explored {
  fault: NetFault | null;
  usedFlows: ReadonlySet<number>;
}

/**
 * Plays the token game. Every flow has one consumer, so firing one node hinders no other (but for contested inclusive joins, where
 * all are fired): one enabled node a state is
 * enough to find what is stuck, and, where the end can always be reached, everything else (A. Valmari, "Stop it, and be
 * stubborn!", 2017, on systems that always may terminate). What may happen at once is told by the marks of tokens.
 */
export function exploreNet(net: TokenNet): Explored {
  return new Exploration(net).run();
}

class Exploration {
  readonly net: TokenNet;
  readonly states: State[] = [];
  readonly index = new Map<string, number>();
  readonly usedFlows = new Set<number>();
  /** Nodes that can be reached from a flow. */
  readonly ahead: ReadonlyMap<number, ReadonlySet<number>>;
  /** Inclusive join → flow → flows into the join that it can reach without passing the join. */
  readonly towards = new Map<number, ReadonlyMap<number, ReadonlySet<number>>>();
  fault: NetFault | null = null;

  constructor(net: TokenNet) {
    this.net = net;
    this.ahead = new Map([...net.flows.keys()].map((flow) => [flow, this.nodesAhead(flow)]));
    for (const [index, node] of net.nodes) {
      if (node.join === 'some') this.towards.set(index, this.flowsTowards(index, node));
    }
  }

  run(): Explored {
    const nothing: Step = { node: this.net.root, emitted: [] };
    this.states.push({ marking: new Map(), before: -1, step: nothing, after: [], isWhole: true });
    this.fire(0, this.net.root);
    let next = 1;
    for (;;) {
      for (; next < this.states.length && !this.fault; next += 1) this.expand(next);
      if (this.fault) break;
      // Where no end is in sight, nothing that could lead to it may be left aside.
      const hopeless = this.withoutEnd();
      if (hopeless.length === 0) break;
      const partial = hopeless.filter((state) => !this.states[state]!.isWhole);
      if (partial.length === 0) {
        this.fault = this.endless(hopeless[0]!);
        break;
      }
      for (const state of partial) this.expandWhole(state);
    }
    return { fault: this.fault, usedFlows: this.usedFlows };
  }

  expand(index: number): void {
    const { marking } = this.states[index]!;
    if (marking.size === 0) {
      this.states[index]!.isWhole = true;
      return;
    }
    const enabled = this.enabled(marking);
    if (enabled.length === 0) this.fault = this.stuck(index);
    else this.fire(index, enabled[0]!);
    if (enabled.some((node) => this.isContested(node, marking))) this.expandWhole(index);
    if (enabled.length === 1) this.states[index]!.isWhole = true;
  }

  expandWhole(index: number): void {
    this.states[index]!.isWhole = true;
    for (const node of this.enabled(this.states[index]!.marking).slice(1)) {
      if (!this.fault) this.fire(index, node);
    }
  }

  /** Nodes that may fire. */
  enabled(marking: Marking): number[] {
    // What moved last goes on first: one branch comes to its join before the next begins.
    const reached = new Set([...marking.keys()].map((flow) => this.net.flows.get(flow)!.to).reverse());
    const able = [...reached].filter((index) => {
      if (index === endsAll) return false;
      const node = this.net.nodes.get(index)!;
      if (node.join === 'one') return true;
      const waits = [...node.ins].filter((flow) => !marking.has(flow));
      if (waits.length === 0) return true;
      return node.join === 'some' && !this.mayStillCome(index, node, marking);
    });
    // What ends everything hides what else may happen: last.
    return reached.has(endsAll) ? [...able, endsAll] : able;
  }

  /**
   * An inclusive join waits while a token elsewhere can reach a flow into it that has none, and none that has one (BPMN 2.0.2,
   * §13.4.3): who comes round a loop to all of them alike is not waited for.
   */
  mayStillCome(index: number, node: NetNode, marking: Marking): boolean {
    return this.heading(index, node, marking).some((into) => into.every((flow) => !marking.has(flow)));
  }

  /** The flows into an inclusive join that tokens elsewhere can reach, token by token. */
  heading(index: number, node: NetNode, marking: Marking): number[][] {
    const towards = this.towards.get(index)!;
    const others = [...marking.keys()].filter((flow) => !node.ins.has(flow) && towards.has(flow));
    return others.map((flow) => [...towards.get(flow)!]);
  }

  /** An inclusive join that may fire, but would wait again if another token moved on. */
  isContested(index: number, marking: Marking): boolean {
    const node = this.net.nodes.get(index);
    if (node?.join !== 'some') return false;
    return this.heading(index, node, marking).some((into) => into.some((flow) => !marking.has(flow)));
  }

  fire(index: number, at: number): void {
    const { marking } = this.states[index]!;
    if (at === endsAll) {
      this.reach(index, { node: at, emitted: [] }, new Map());
      return;
    }
    const node = this.net.nodes.get(at)!;
    const present = [...node.ins].filter((flow) => marking.has(flow));
    const takes = node.join === 'one' ? present.slice(0, 1) : present;
    const again = takes.some((flow) => marking.get(flow)!.has(at)) || (node.join === 'one' && present.length > 1);
    if (again) {
      this.fault = this.twice(index, at);
      return;
    }
    const choices = choicesOf(node);
    if (choices === null) {
      this.fault = { kind: 'undecided', elements: [...node.via], path: this.pathTo(index) };
      return;
    }
    const own = this.independent(at, inAll(takes.map((flow) => marking.get(flow)!)));
    for (const emitted of choices) {
      if (this.fault) return;
      this.reach(index, { node: at, emitted }, this.after(marking, takes, emitted, at, own));
    }
  }

  /** Marks that what a node emits keeps: an inclusive join fires only after whatever could still have led to it. */
  independent(at: number, marks: ReadonlySet<number>): ReadonlySet<number> {
    const towards = this.towards.get(at);
    if (!towards) return marks;
    const isBefore = (node: number) => [...this.net.nodes.get(node)!.ins].some((flow) => towards.has(flow));
    return new Set([...marks].filter((node) => !isBefore(node)));
  }

  /** The tokens after a step; null where one of them comes to a place that has one already. */
  after(
    marking: Marking,
    takes: readonly number[],
    emitted: readonly number[],
    at: number,
    own: ReadonlySet<number>,
  ): Marking | null {
    const result = new Map<number, ReadonlySet<number>>();
    for (const [flow, marks] of marking) {
      if (takes.includes(flow)) continue;
      result.set(flow, this.ahead.get(flow)!.has(at) ? new Set([...marks, at]) : marks);
    }
    for (const flow of emitted) {
      if (this.net.flows.get(flow)!.to === vanishes) continue;
      if (result.has(flow) && this.net.flows.get(flow)!.to !== endsAll) return null;
      result.set(flow, inAll([own, this.ahead.get(flow)!]));
    }
    return result;
  }

  reach(before: number, step: Step, marking: Marking | null): void {
    for (const flow of step.emitted) this.usedFlows.add(flow);
    if (marking === null) {
      const place = step.emitted.find((flow) => this.states[before]!.marking.has(flow))!;
      const path = [...this.pathTo(before), ...this.passed(step)];
      this.fault = { kind: 'twice', elements: this.firstNodeOf(place), path };
      return;
    }
    const key = [...marking]
      .map(([flow, marks]) => `${flow}:${[...marks].sort((a, b) => a - b).join('.')}`)
      .sort()
      .join(' ');
    let index = this.index.get(key);
    if (index === undefined) {
      index = this.states.length;
      this.index.set(key, index);
      this.states.push({ marking, before, step, after: [], isWhole: false });
      if (index >= maxStates) {
        this.fault = { kind: 'undecided', elements: this.waitingAt(marking), path: this.pathTo(index) };
      }
    }
    this.states[before]!.after.push(index);
  }

  /** States from which the end of all tokens was not reached yet. */
  withoutEnd(): number[] {
    const before: number[][] = this.states.map(() => []);
    this.states.forEach(({ after }, index) => {
      for (const next of after) before[next]!.push(index);
    });
    const ends = this.states.flatMap(({ marking }, index) => (marking.size === 0 && index > 0 ? [index] : []));
    const good = new Set(ends);
    for (const state of good) for (const previous of before[state]!) good.add(previous);
    return this.states.flatMap((_, index) => (good.has(index) ? [] : [index]));
  }

  steps(index: number): Step[] {
    const steps: Step[] = [];
    for (let at = index; at > 0; at = this.states[at]!.before) steps.unshift(this.states[at]!.step);
    return steps;
  }

  passed({ node, emitted }: Step): string[] {
    return [...(this.net.nodes.get(node)?.via ?? []), ...emitted.flatMap((flow) => this.net.flows.get(flow)!.via)];
  }

  pathTo(index: number): string[] {
    return this.steps(index).flatMap((step) => this.passed(step));
  }

  stuck(index: number): NetFault {
    return { kind: 'stuck', elements: this.waitingAt(this.states[index]!.marking), path: this.pathTo(index) };
  }

  waitingAt(marking: Marking): string[] {
    const nodes = new Set([...marking.keys()].map((flow) => this.net.flows.get(flow)!.to));
    return [...nodes].flatMap((node) => this.net.nodes.get(node)?.via.slice(0, 1) ?? []);
  }

  endless(index: number): NetFault {
    const round = new Set([index]);
    for (const state of round) for (const next of this.states[state]!.after) round.add(next);
    const elements = [...round].flatMap((state) => this.waitingAt(this.states[state]!.marking));
    return { kind: 'endless', elements: [...new Set(elements)], path: this.pathTo(index) };
  }

  /** The way to two tokens at one place: the steps up to a node's second firing, without those that follow from its first. */
  twice(index: number, at: number): NetFault {
    const steps = this.steps(index);
    for (let first = steps.length; first >= 0; first -= 1) {
      const shown = first === steps.length || steps[first]!.node === at ? this.play(steps, first) : null;
      if (shown) return shown;
    }
    const elements = this.mergeAt(at);
    return { kind: 'twice', elements, path: [...this.pathTo(index), ...elements] };
  }

  /** Where the ways into a node come together: the first element that all of them pass. */
  mergeAt(at: number): string[] {
    const { ins, via } = this.net.nodes.get(at)!;
    const ways = [...ins].map((flow) => this.net.flows.get(flow)!.via.toReversed());
    const last = ways[0]?.findIndex((id, index) => ways.some((way) => way[index] !== id)) ?? 0;
    return ways.length > 1 && last > 0 ? [ways[0]![last - 1]!] : via.slice(0, 1);
  }

  /** The steps without one of them and what needs it, if they can be taken and leave two tokens at one place. */
  play(steps: readonly Step[], without: number): NetFault | null {
    let tokens: Marking = new Map();
    const path: string[] = [];
    for (const [position, step] of steps.entries()) {
      const node = this.net.nodes.get(step.node);
      if (position === without || !node) continue;
      if (step.node !== this.net.root && !this.enabled(tokens).includes(step.node)) continue;
      const present = [...node.ins].filter((flow) => tokens.has(flow));
      const after = this.after(
        tokens,
        node.join === 'one' ? present.slice(0, 1) : present,
        step.emitted,
        step.node,
        new Set(),
      );
      path.push(...this.passed(step));
      if (after === null) {
        const place = step.emitted.find((flow) => tokens.has(flow))!;
        return { kind: 'twice', elements: this.firstNodeOf(place), path };
      }
      tokens = after;
    }
    const crowded = [...this.net.nodes].find(
      ([, { join, ins }]) => join === 'one' && [...ins].filter((flow) => tokens.has(flow)).length > 1,
    );
    return crowded ? { kind: 'twice', elements: this.mergeAt(crowded[0]), path } : null;
  }

  firstNodeOf(flow: number): string[] {
    const { to, via } = this.net.flows.get(flow)!;
    return this.net.nodes.get(to)?.via.slice(0, 1) ?? via.slice(-1);
  }

  nodesAhead(flow: number): ReadonlySet<number> {
    const nodes = new Set<number>();
    const pending = [flow];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const { to } = this.net.flows.get(at)!;
      if (to < 0 || nodes.has(to)) continue;
      nodes.add(to);
      pending.push(...leaving(this.net.nodes.get(to)!));
    }
    return nodes;
  }

  flowsTowards(join: number, { ins }: NetNode): ReadonlyMap<number, ReadonlySet<number>> {
    const result = new Map<number, Set<number>>();
    for (const into of ins) {
      const seen = new Set<number>([into]);
      for (const flow of seen) {
        const { from } = this.net.flows.get(flow)!;
        if (from === join) continue;
        for (const earlier of this.net.nodes.get(from)!.ins) seen.add(earlier);
      }
      for (const flow of seen) result.set(flow, (result.get(flow) ?? new Set()).add(into));
    }
    return result;
  }
}

/** What every one of some sets holds. */
const inAll = (sets: readonly ReadonlySet<number>[]): Set<number> =>
  new Set([...(sets[0] ?? [])].filter((value) => sets.every((set) => set.has(value))));

const leaving = ({ one, all, any }: NetNode): number[] => [...one, ...all, ...any];

/** Every way in which a node may emit; null where there are too many. */
function choicesOf({ one, all, any }: NetNode): number[][] | null {
  const bases = one.length > 0 ? one.map((flow) => [...all, flow]) : [all];
  if (bases.length * 2 ** any.length > maxChoices) return null;
  // Events beside an activity happen before it ends.
  const result = bases.flatMap((base) =>
    Array.from({ length: 2 ** any.length }, (_, bits) => [...any.filter((_flow, at) => bits & (1 << at)), ...base]),
  );
  return one.length + all.length === 0 && any.length > 0 ? result.filter(({ length }) => length > 0) : result;
}
