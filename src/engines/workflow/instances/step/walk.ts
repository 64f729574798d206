import type { Activity, Feel, ProcessNode } from '../../definitions/process-model.ts';
import type { IndexedModel, PlacedNode } from '../index-model.ts';
import type { Command, InstanceState, Run, Token, Value, Values } from '../instance-state.ts';

/**
 * Evaluates FEEL over variables; throws with a message for people where it cannot. `why` takes sentences on what the answer lacks:
 * names without a value, else what FEEL noted.
 */
export type Evaluate = (expression: Feel, variables: Values, why?: string[]) => Value;

/** Something happened that the instance does not wait for: it was answered before, withdrawn, or never asked. */
export class NotAwaitedError extends Error {
  override name = 'NotAwaitedError';
}

/** What a step gives. */
export interface Stepped {
  state: InstanceState;
  commands: readonly Command[];
}

const activities = new Set<ProcessNode['kind']>([
  ...(['user', 'service', 'business-rule', 'send', 'sub-process', 'call'] as const),
]);
/** Whether a node is work, which may run once for each element of a list and have events at its edge. */
export const isActivity = (node: ProcessNode): node is Activity => activities.has(node.kind);

/** A state within a step: its own tokens and runs, which tokens still have to move, and what has to be done outside. */
export class Walk {
  readonly model: IndexedModel;
  readonly evaluate: Evaluate;
  readonly tokens: Map<number, Token>;
  readonly runs: Map<number, Run>;
  readonly commands: Command[] = [];
  /** Tokens that have to move, in this order; some may be gone when their turn comes. */
  readonly agenda: number[] = [];
  status: InstanceState['status'];
  outcome: string | undefined;
  called: boolean;
  #next: number;

  constructor(model: IndexedModel, state: InstanceState, evaluate: Evaluate) {
    this.model = model;
    this.evaluate = evaluate;
    this.tokens = new Map(state.tokens.map((token) => [token.id, token]));
    this.runs = new Map(state.runs.map((run) => [run.id, run]));
    this.status = state.status;
    this.outcome = state.outcome;
    this.called = state.called ?? false;
    this.#next = state.next;
    // Where a step had to stop within, the next goes on.
    for (const { id, rests } of state.tokens) if (rests === undefined) this.agenda.push(id);
  }

  answer(): Stepped {
    const state: InstanceState = {
      status: this.status,
      ...(this.outcome === undefined ? {} : { outcome: this.outcome }),
      next: this.#next,
      tokens: [...this.tokens.values()],
      runs: [...this.runs.values()],
      ...(this.called ? { called: true } : {}),
    };
    return { state, commands: this.commands };
  }

  place(token: Token): PlacedNode {
    return this.model.place(token.node);
  }

  put(token: Token): Token {
    this.tokens.set(token.id, token);
    return token;
  }

  /** Puts a new token at a node, to move when its turn comes. */
  spawn(node: string, run: number, via?: string): void {
    const token = this.put({ id: this.#newId(), node, ...(via === undefined ? {} : { via }), run });
    this.agenda.push(token.id);
  }

  goTo(token: Token, node: string, via: string | undefined): void {
    this.put({ id: token.id, node, run: token.run, ...(via === undefined ? {} : { via }) });
    this.agenda.push(token.id);
  }

  rest(token: Token, rests: NonNullable<Token['rests']>, more: Partial<Token> = {}): Token {
    return this.put({ ...token, rests, ...more });
  }

  /** Begins a run: the instance's own, or one inside what `owner` tells. */
  beginRun(run: Omit<Run, 'id'>): Run {
    const begun: Run = { id: this.#newId(), ...run };
    this.runs.set(begun.id, begun);
    return begun;
  }

  /** Begins a run of a sub-process at its start. */
  beginInside(nodes: readonly ProcessNode[], run: Omit<Run, 'id'>): void {
    const { id } = this.beginRun(run);
    const start = nodes.find((node) => node.kind === 'start');
    if (start) this.spawn(start.id, id);
    else throw new Error('The sub-process has no start.');
  }

  /** Variables that a run sees: its own before those of the runs around it. */
  variables(runId: number, more: Values = {}): Values {
    const lines: Values[] = [];
    for (let run = this.runs.get(runId); run; ) {
      lines.unshift(run.variables);
      const owner = run.owner === undefined ? undefined : this.tokens.get(run.owner);
      run = owner && this.runs.get(owner.run);
    }
    return Object.assign({}, ...lines, more);
  }

  /** Whether a condition holds; throws, naming `what` it is of and what has no value, where it is neither true nor false. */
  holds(what: string, condition: Feel, variables: Values): boolean {
    const why: string[] = [];
    const answer = this.evaluate(condition, variables, why);
    if (typeof answer === 'boolean') return answer;
    throw new Error([`${what} is neither true nor false: ${condition}.`, ...why].join(' '));
  }

  /** Sets variables where they are: in the nearest run that has them, else in the instance's own. */
  set(runId: number, values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      let run = this.runs.get(runId);
      while (run && run.owner !== undefined && !(name in run.variables)) {
        const owner = this.tokens.get(run.owner);
        run = owner && this.runs.get(owner.run);
      }
      if (run) this.runs.set(run.id, { ...run, variables: { ...run.variables, [name]: value } });
    }
  }

  /** Takes away what is in a run, with all that was begun for it outside. */
  clearRun(runId: number): void {
    for (const token of [...this.tokens.values()]) {
      if (token.run !== runId || !this.tokens.has(token.id)) continue;
      this.clearInside(token);
      this.tokens.delete(token.id);
    }
  }

  /** Takes away the runs inside a token, and what was begun for it outside. */
  clearInside(token: Token): void {
    for (const run of [...this.runs.values()]) {
      if (run.owner !== token.id) continue;
      this.clearRun(run.id);
      this.runs.delete(run.id);
    }
    if (token.rests === 'outside' || token.rests === 'incident')
      this.commands.push({ do: 'withdraw', token: token.id });
  }

  #newId(): number {
    return this.#next++;
  }
}
