import type { Activity, BoundaryNode, EndNode, Feel, ProcessNode } from '../definitions/process-model.ts';
import type { IndexedModel, PlacedNode } from './index-model.ts';
import type { Command, Happening, InstanceState, MultiRuns, Run, Token, Value, Values } from './instance-state.ts';

/** Evaluates FEEL over variables; throws with a message for people where it cannot. */
export type Evaluate = (expression: Feel, variables: Values) => Value;

/** What a step gives. */
export interface Stepped {
  state: InstanceState;
  commands: readonly Command[];
}

/** Something happened that the instance does not wait for: it was answered before, withdrawn, or never asked. */
export class NotAwaitedError extends Error {
  override name = 'NotAwaitedError';
}

/** Moves of one step at most: more is a loop in which nothing is waited for. */
const mostMoves = 10_000;

const activities = new Set<ProcessNode['kind']>([
  ...(['user', 'service', 'business-rule', 'send', 'sub-process', 'call'] as const),
]);
const isActivity = (node: ProcessNode): node is Activity => activities.has(node.kind);

/** A state before anything has happened. */
export const unbegun: InstanceState = { status: 'running', next: 1, tokens: [], runs: [] };

/**
 * What happens to an instance of a model when something happens outside: its next state, and what has to be done. Pure:
 * the same arguments give the same answer, and the state that was given is not changed. Follows the token game of BPMN
 * 2.0.2, chapter 13; an inclusive join waits by §13.3.3. Throws {@link NotAwaitedError}.
 */
export function step(model: IndexedModel, state: InstanceState, happening: Happening, evaluate: Evaluate): Stepped {
  const walk = new Walk(model, state, evaluate);
  walk.begin(happening);
  walk.run();
  return walk.answer();
}

class Walk {
  readonly #model: IndexedModel;
  readonly #evaluate: Evaluate;
  readonly #tokens: Map<number, Token>;
  readonly #runs: Map<number, Run>;
  readonly #commands: Command[] = [];
  readonly #agenda: number[] = [];
  #status: InstanceState['status'];
  #outcome: string | undefined;
  #next: number;

  constructor(model: IndexedModel, state: InstanceState, evaluate: Evaluate) {
    this.#model = model;
    this.#evaluate = evaluate;
    this.#tokens = new Map(state.tokens.map((token) => [token.id, token]));
    this.#runs = new Map(state.runs.map((run) => [run.id, run]));
    this.#status = state.status;
    this.#outcome = state.outcome;
    this.#next = state.next;
    // Where a step had to stop within, the next goes on.
    for (const { id, rests } of state.tokens) if (rests === undefined) this.#agenda.push(id);
  }

  answer(): Stepped {
    const state: InstanceState = {
      status: this.#status,
      ...(this.#outcome === undefined ? {} : { outcome: this.#outcome }),
      next: this.#next,
      tokens: [...this.#tokens.values()],
      runs: [...this.#runs.values()],
    };
    return { state, commands: this.#commands };
  }

  begin(happening: Happening): void {
    if (happening.type === 'started') {
      this.#start(happening);
      return;
    }
    const token = this.#awaited(happening.token);
    try {
      this.#happen(token, happening);
    } catch (error) {
      if (error instanceof NotAwaitedError) throw error;
      this.#incident(token, (error as Error).message);
    }
  }

  #happen(token: Token, happening: Exclude<Happening, { type: 'started' }>): void {
    const { node } = this.#place(token);
    switch (happening.type) {
      case 'completed':
        if (token.rests !== 'outside' || token.multi || !isActivity(node) || node.kind === 'sub-process') {
          throw new NotAwaitedError(`${node.name ?? node.id} does not wait for an answer`);
        }
        this.#set(token.run, happening.set ?? {});
        if (happening.result !== undefined && 'result' in node && node.result) {
          this.#set(token.run, { [node.result]: happening.result });
        }
        this.#activityOver(token);
        return;
      case 'caught':
        this.#caught(token, happening.event, happening.content ?? {});
        return;
      case 'failed':
        if (!this.#raise(token, 'error', happening.code)) this.#incident(token, happening.message);
        return;
      case 'escalated':
        this.#raise(token, 'escalation', happening.code);
        return;
      case 'retried':
        if (token.rests !== 'incident') throw new NotAwaitedError('there is no incident to retry');
        // What it awaited at its edge is awaited anew.
        this.#clearInside(token);
        this.#set(token.run, happening.set ?? {});
        this.#goTo(token, token.node, token.via);
    }
  }

  /** Moves every token until all rest. */
  run(): void {
    for (let moves = 0; this.#status === 'running'; moves++) {
      const id = this.#agenda.shift();
      const token = id === undefined ? this.#readyInclusive() : this.#tokens.get(id);
      if (id !== undefined && !token) continue;
      if (!token) break;
      if (moves >= mostMoves) {
        this.#incident(token, 'The process goes round without ever waiting for anything.');
        return;
      }
      try {
        if (token.rests === 'join') this.#join(token);
        else this.#enter(token);
      } catch (error) {
        this.#incident(token, (error as Error).message);
      }
    }
    this.#tellDeadlock();
  }

  #awaited(id: number): Token {
    const token = this.#tokens.get(id);
    if (this.#status !== 'running' || !token || token.rests === undefined || token.rests === 'join') {
      throw new NotAwaitedError('nothing waits for this');
    }
    return token;
  }

  #place(token: Token): PlacedNode {
    return this.#model.place(token.node);
  }

  #put(token: Token): Token {
    this.#tokens.set(token.id, token);
    return token;
  }

  #newId(): number {
    return this.#next++;
  }

  /** Variables that a run sees: its own before those of the runs around it. */
  #variables(runId: number, more: Values = {}): Values {
    const lines: Values[] = [];
    for (let run = this.#runs.get(runId); run; ) {
      lines.unshift(run.variables);
      const owner = run.owner === undefined ? undefined : this.#tokens.get(run.owner);
      run = owner && this.#runs.get(owner.run);
    }
    return Object.assign({}, ...lines, more);
  }

  /** Sets variables where they are: in the nearest run that has them, else in the instance's own. */
  #set(runId: number, values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      let run = this.#runs.get(runId);
      while (run && run.owner !== undefined && !(name in run.variables)) {
        const owner = this.#tokens.get(run.owner);
        run = owner && this.#runs.get(owner.run);
      }
      if (run) this.#runs.set(run.id, { ...run, variables: { ...run.variables, [name]: value } });
    }
  }

  #start({ variables, at }: Extract<Happening, { type: 'started' }>): void {
    if (this.#runs.size > 0) throw new NotAwaitedError('the instance has begun already');
    const run: Run = { id: this.#newId(), variables };
    this.#runs.set(run.id, run);
    const starts = this.#model.model.body.nodes.filter((node) => node.kind === 'start');
    const start = at === undefined ? starts.find((node) => !node.event) : starts.find((node) => node.id === at);
    if (!start) throw new NotAwaitedError(`${this.#model.model.code} does not start like that`);
    this.#spawn(start.id, run.id);
  }

  #spawn(node: string, run: number): void {
    const token = this.#put({ id: this.#newId(), node, run });
    this.#agenda.push(token.id);
  }

  #goTo(token: Token, node: string, via: string | undefined): void {
    this.#put({ id: token.id, node, run: token.run, ...(via === undefined ? {} : { via }) });
    this.#agenda.push(token.id);
  }

  #rest(token: Token, rests: NonNullable<Token['rests']>, more: Partial<Token> = {}): Token {
    return this.#put({ ...token, rests, ...more });
  }

  #enter(token: Token): void {
    const { node, outgoing } = this.#place(token);
    if (isActivity(node)) {
      this.#beginActivity(token, node);
      return;
    }
    switch (node.kind) {
      case 'start':
        this.#leave(token);
        return;
      case 'end':
        this.#end(token, node);
        return;
      case 'throw':
        if (node.event?.type === 'escalation') this.#raise(token, 'escalation', node.event.code);
        else if (node.event) this.#commands.push({ do: 'throw', node: node.id, variables: this.#variables(token.run) });
        if (this.#tokens.has(token.id)) this.#leave(token);
        return;
      case 'catch':
        this.#rest(token, 'outside');
        this.#commands.push({ do: 'await', token: token.id, event: node.id });
        return;
      case 'event':
        this.#rest(token, 'outside');
        for (const { to } of outgoing) this.#commands.push({ do: 'await', token: token.id, event: to });
        return;
      case 'exclusive':
        this.#leaveBy(token, this.#chosen(token, outgoing, node.default).slice(0, 1));
        return;
      case 'parallel':
      case 'inclusive':
        this.#arrive(token);
        return;
      case 'boundary':
        this.#leave(token);
    }
  }

  /** The flows whose condition holds, else the default; throws where there is no way on. */
  #chosen(token: Token, outgoing: PlacedNode['outgoing'], byDefault: string | undefined): PlacedNode['outgoing'] {
    const variables = this.#variables(token.run);
    const open = outgoing.filter(
      (flow) =>
        flow.id !== byDefault && (flow.condition === undefined || this.#evaluate(flow.condition, variables) === true),
    );
    const chosen = open.length > 0 ? open : outgoing.filter((flow) => flow.id === byDefault);
    if (chosen.length > 0 || outgoing.length === 0) return chosen;
    throw new Error('None of the conditions holds, and there is no default way.');
  }

  #leave(token: Token): void {
    this.#leaveBy(token, this.#place(token).outgoing);
  }

  #leaveBy(token: Token, flows: PlacedNode['outgoing']): void {
    const [first, ...others] = flows;
    if (!first) {
      this.#consume(token);
      return;
    }
    this.#goTo(token, first.to, first.id);
    for (const flow of others) {
      const sibling = this.#put({ id: this.#newId(), node: flow.to, via: flow.id, run: token.run });
      this.#agenda.push(sibling.id);
    }
  }

  #arrive(token: Token): void {
    const { node, incoming } = this.#place(token);
    if (incoming.length < 2) {
      this.#split(token);
      return;
    }
    const waiting = this.#rest(token, 'join');
    if (node.kind === 'parallel') this.#join(waiting);
  }

  /** Tokens that stand at the same join in the same run, one of each flow. */
  #gathered(token: Token): Map<string, Token> {
    const gathered = new Map<string, Token>();
    for (const one of this.#tokens.values()) {
      const here = one.rests === 'join' && one.node === token.node && one.run === token.run;
      if (here && one.via !== undefined && !gathered.has(one.via)) gathered.set(one.via, one);
    }
    return gathered;
  }

  #join(token: Token): void {
    const { node, incoming } = this.#place(token);
    const gathered = this.#gathered(token);
    if (node.kind === 'parallel' && gathered.size < incoming.length) return;
    const [first, ...others] = [...gathered.values()];
    if (!first) return;
    for (const other of others) this.#tokens.delete(other.id);
    this.#split(first);
  }

  #split(token: Token): void {
    const { node, outgoing } = this.#place(token);
    if (node.kind !== 'inclusive') {
      this.#leaveBy(token, outgoing);
      return;
    }
    this.#leaveBy(token, this.#chosen(token, outgoing, node.default));
  }

  /** A token at an inclusive join that need not wait any more: nothing that is under way can come by another flow. */
  #readyInclusive(): Token | undefined {
    for (const token of this.#tokens.values()) {
      if (token.rests !== 'join' || this.#place(token).node.kind !== 'inclusive') continue;
      if (!this.#mayStillCome(token)) return token;
    }
    return undefined;
  }

  /**
   * Whether a token elsewhere can still come by a flow that has none here. Whatever it can do next counts together, as soundness
   * has it (explore-net.ts): who can come by a flow that has a token already is not waited for.
   */
  #mayStillCome(token: Token): boolean {
    const { incoming } = this.#place(token);
    const here = this.#gathered(token);
    return [...this.#tokens.values()].some((other) => {
      if (other.run !== token.run || (other.node === token.node && other.rests === 'join')) return false;
      const ahead = this.#ahead(other, token.node);
      return (
        incoming.some(({ id }) => !here.has(id) && ahead.has(id)) &&
        !incoming.some(({ id }) => here.has(id) && ahead.has(id))
      );
    });
  }

  /** Flows that a token can come by, over any edge of where it stands, without passing a node. */
  #ahead(token: Token, avoiding: string): ReadonlySet<string> {
    const { outgoing, boundaries } = this.#place(token);
    const edges = boundaries.flatMap(({ id }) => this.#model.place(id).outgoing);
    return new Set([...outgoing, ...edges].flatMap(({ id }) => [...this.#model.reachable(id, avoiding)]));
  }

  #end(token: Token, node: EndNode): void {
    const { event } = node;
    if (node.outcome !== undefined) this.#outcome = node.outcome;
    if (event?.type === 'error') {
      if (!this.#raise(token, 'error', event.code)) this.#fail(event.code);
      return;
    }
    if (event?.type === 'escalation') this.#raise(token, 'escalation', event.code);
    else if (event?.type === 'message' || event?.type === 'signal')
      this.#commands.push({ do: 'throw', node: node.id, variables: this.#variables(token.run) });
    if (event?.type === 'terminate') {
      this.#emptyRun(token.run);
      return;
    }
    if (this.#tokens.has(token.id)) this.#consume(token);
  }

  #fail(error: string): void {
    const [root] = this.#runs.values();
    if (root) this.#clearRun(root.id);
    this.#finish('failed', error);
  }

  #finish(status: 'completed' | 'failed', error?: string): void {
    this.#status = status;
    this.#tokens.clear();
    this.#agenda.length = 0;
    const outcome = this.#outcome === undefined ? {} : { outcome: this.#outcome };
    this.#commands.push({ do: 'end', status, ...outcome, ...(error === undefined ? {} : { error }) });
  }

  #consume(token: Token): void {
    this.#tokens.delete(token.id);
    for (const other of this.#tokens.values()) if (other.run === token.run) return;
    this.#runOver(token.run);
  }

  #emptyRun(runId: number): void {
    this.#clearRun(runId);
    this.#runOver(runId);
  }

  /** Takes away what is in a run, with all that was begun for it outside. */
  #clearRun(runId: number): void {
    for (const token of [...this.#tokens.values()]) {
      if (token.run !== runId || !this.#tokens.has(token.id)) continue;
      this.#clearInside(token);
      this.#tokens.delete(token.id);
    }
  }

  #clearInside(token: Token): void {
    for (const run of [...this.#runs.values()]) {
      if (run.owner !== token.id) continue;
      this.#clearRun(run.id);
      this.#runs.delete(run.id);
    }
    if (token.rests === 'outside' || token.rests === 'incident')
      this.#commands.push({ do: 'withdraw', token: token.id });
  }

  #beginActivity(token: Token, node: Activity): void {
    const isOneOfMany = this.#isOneOfMany(token);
    if (!isOneOfMany) this.#awaitBoundaries(token);
    if (node.multi && !isOneOfMany) {
      this.#beginMulti(token, node);
      return;
    }
    if (node.kind === 'sub-process') {
      this.#beginInside(this.#rest(token, 'outside'), node.body.nodes, {});
      return;
    }
    this.#rest(token, 'outside');
    this.#commands.push({ do: 'open', token: token.id, node: node.id, variables: this.#variables(token.run) });
  }

  /** Whether a token is one run of a multi-instance activity that is no sub-process: it stands where its owner stands. */
  #isOneOfMany(token: Token): boolean {
    const owner = this.#runs.get(token.run)?.owner;
    return owner !== undefined && this.#tokens.get(owner)?.node === token.node;
  }

  #awaitBoundaries(token: Token): void {
    for (const { id, event } of this.#place(token).boundaries) {
      if (event.type === 'error' || event.type === 'escalation') continue;
      this.#commands.push({ do: 'await', token: token.id, event: id });
    }
  }

  #beginInside(owner: Token, nodes: readonly ProcessNode[], variables: Values, at?: number): void {
    const run: Run = { id: this.#newId(), owner: owner.id, variables, ...(at === undefined ? {} : { at }) };
    this.#runs.set(run.id, run);
    const start = nodes.find((node) => node.kind === 'start');
    if (start) this.#spawn(start.id, run.id);
    else throw new Error('The sub-process has no start.');
  }

  #beginMulti(token: Token, node: Activity): void {
    const list = node.multi && this.#evaluate(node.multi.over, this.#variables(token.run));
    if (!Array.isArray(list)) throw new Error(`What ${node.name ?? node.id} runs over is not a list.`);
    const items = list as readonly Value[];
    const multi: MultiRuns = { items, begun: 0, done: 0, collected: items.map(() => null) };
    const owner = this.#rest(token, 'outside', { multi });
    if (items.length === 0) {
      this.#activityOver(owner);
      return;
    }
    for (let left = node.multi?.sequential ? 1 : items.length; left > 0; left--) this.#beginNext(owner.id, node);
  }

  #beginNext(ownerId: number, node: Activity): void {
    const owner = this.#tokens.get(ownerId);
    if (!owner?.multi || !node.multi) return;
    const at = owner.multi.begun;
    const variables = { [node.multi.as]: owner.multi.items[at] ?? null };
    const begun = this.#put({ ...owner, multi: { ...owner.multi, begun: at + 1 } });
    if (node.kind === 'sub-process') {
      this.#beginInside(begun, node.body.nodes, variables, at);
      return;
    }
    const run: Run = { id: this.#newId(), owner: ownerId, variables, at };
    this.#runs.set(run.id, run);
    this.#spawn(node.id, run.id);
  }

  /** The last token of a run is gone. */
  #runOver(runId: number): void {
    const run = this.#runs.get(runId);
    if (!run) return;
    const owner = run.owner === undefined ? undefined : this.#tokens.get(run.owner);
    if (!owner) {
      this.#finish('completed');
      return;
    }
    const { node } = this.#place(owner);
    if (!owner.multi || !isActivity(node) || !node.multi) {
      this.#runs.delete(runId);
      this.#activityOver(owner);
      return;
    }
    const { collect, until } = node.multi;
    const given = collect ? this.#evaluate(collect.value, this.#variables(runId)) : null;
    this.#runs.delete(runId);
    const done = owner.multi.done + 1;
    const collected = owner.multi.collected.map((value, at) => (at === run.at ? given : value));
    const after = this.#put({ ...owner, multi: { ...owner.multi, done, collected } });
    const total = owner.multi.items.length;
    const counts = { completed: done, remaining: total - done, total };
    const isEnough = until !== undefined && this.#evaluate(until, this.#variables(owner.run, counts)) === true;
    if (isEnough || done === total) {
      this.#activityOver(after);
      return;
    }
    if (node.multi.sequential) this.#beginNext(owner.id, node);
  }

  #activityOver(token: Token): void {
    const { node } = this.#place(token);
    this.#clearInside(token);
    if (token.multi && isActivity(node) && node.multi?.collect) {
      this.#set(token.run, { [node.multi.collect.into]: token.multi.collected });
    }
    if (this.#isOneOfMany(token)) {
      this.#consume(token);
      return;
    }
    this.#leave(token);
  }

  #caught(token: Token, event: string, content: Values): void {
    const caught = this.#model.place(event).node;
    if (caught.kind === 'boundary' && caught.attachedTo === token.node) {
      this.#set(token.run, content);
      this.#takeBoundary(token, caught);
      return;
    }
    const { node, outgoing } = this.#place(token);
    const isHere = node.id === event || (node.kind === 'event' && outgoing.some(({ to }) => to === event));
    if (!isHere || isActivity(node)) throw new NotAwaitedError(`${node.name ?? node.id} does not wait for ${event}`);
    this.#set(token.run, content);
    this.#commands.push({ do: 'withdraw', token: token.id });
    this.#leave({ ...token, node: event });
  }

  #takeBoundary(token: Token, boundary: BoundaryNode): void {
    if (boundary.interrupting) {
      this.#clearInside(token);
      this.#goTo(token, boundary.id, undefined);
    } else this.#spawn(boundary.id, token.run);
  }

  /** Tells an error or escalation to the nearest activity around that takes it; answers whether one does. */
  #raise(from: Token, type: 'error' | 'escalation', code: string): boolean {
    for (let token: Token | undefined = from; token; ) {
      const { node, boundaries } = this.#place(token);
      const takes = (one: BoundaryNode) => one.event.type === type && (one.event.code ?? code) === code;
      // What an event itself throws is told to the activity around it.
      const boundary = isActivity(node) && !this.#isOneOfMany(token) ? boundaries.find(takes) : undefined;
      if (boundary) {
        this.#takeBoundary(token, type === 'error' ? { ...boundary, interrupting: true } : boundary);
        return true;
      }
      const owner: number | undefined = this.#runs.get(token.run)?.owner;
      token = owner === undefined ? undefined : this.#tokens.get(owner);
    }
    return false;
  }

  /** Stops a token for an administrator; where it is gone already, the activity around it. */
  #incident(token: Token, message: string): void {
    let current = this.#tokens.get(token.id);
    for (let run = this.#runs.get(token.run); !current && run?.owner !== undefined; ) {
      current = this.#tokens.get(run.owner);
      run = current && this.#runs.get(current.run);
    }
    if (!current) throw new Error(message);
    this.#rest(current, 'incident');
    this.#commands.push({ do: 'incident', token: current.id, node: current.node, message });
  }

  /** Tokens of a run that wait for one another only: an incident, since nothing outside will ever move them. */
  #tellDeadlock(): void {
    if (this.#status !== 'running') return;
    for (const { id } of [...this.#runs.values()]) {
      const inside = [...this.#tokens.values()].filter(({ run }) => run === id);
      const [stuck] = inside;
      if (stuck && inside.every(({ rests }) => rests === 'join')) {
        this.#incident(stuck, 'The ways that are to meet here can never all arrive.');
      }
    }
  }
}
