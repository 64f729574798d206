import { Problem } from '#problem';
import { defaultLimits, type FeelLimits } from '../decisions/feel/feel-run.ts';
import type { CandidateRule, ProcessNode, UserTask } from '../definitions/process-model.ts';
import type { IndexedModel } from '../instances/index-model.ts';
import type { Happening, InstanceState, Value, Values } from '../instances/instance-state.ts';
import { evaluatorOf } from '../instances/running-model.ts';
import { type Evaluate, NotAwaitedError, step, unbegun } from '../instances/step.ts';

/** What of an approval that is over a process needs to be played on it. */
export interface PlayedFacts {
  startedAt: Date;
  /** What it was started with, and what its variables were at its end. */
  variables: Values;
  final: Values;
  /** The outcomes of its tasks by step, in their order. */
  outcomes: ReadonlyMap<string, readonly { outcome: string }[]>;
}

/** A decision's answer and the rows of the tried table that gave it; undefined: it is not kept here, what was recorded counts. */
export type Ask = (decision: string, input: Values, now: Date) => { value: Value; rows: readonly number[] } | undefined;

/** What a rule comes to where it is asked. */
export interface RuleValues {
  /** People whom it names by FEEL, and those whose managers it asks for; null: it names none. */
  people: readonly string[] | null;
  managersOf: readonly string[] | null;
  /** The money that a limit must cover; null: none. */
  amount: Value;
}

/** A task of people that was come to, with what its rules come to, the preferred first. */
export interface PlayedStep {
  node: string;
  rules: readonly RuleValues[];
}

/** A process made ready to be played: the rules of each task, the preferred first. */
export interface PlayedProcess {
  process: IndexedModel;
  rulesOf: ReadonlyMap<string, readonly CandidateRule[]>;
  ask: Ask;
  /** Codes of processes in which people decide, or in what those call. */
  deciding: ReadonlySet<string>;
}

/** Where an approval goes on a process. */
export interface Played {
  steps: readonly PlayedStep[];
  /** Rows of the tried table that answered, from 1. */
  rows: readonly number[];
  outcome: string | null;
  /** Why it does not come to an end; null: it does. */
  stopped: string | null;
}

/** What one expression may take up: what takes more would take a replay of all approvals too long. */
export const replayLimits: FeelLimits = { ...defaultLimits, steps: 50_000 };

/** Happenings that one approval is carried through at most; more is a process that goes round. */
const mostHappenings = 200;

const textsOf = (value: Value): string[] =>
  (Array.isArray(value) ? (value as readonly Value[]) : [value]).filter((one) => typeof one === 'string');

/**
 * Plays an approval that is over on a process, by the step function itself. A task that was taken then gets the outcome of then, a
 * new one its first (the approval); forms and effects give what was recorded; what is waited for comes at once, behind an event
 * gateway the first. Pure, and never throws for what the process says.
 */
export function playOn(played: PlayedProcess, facts: PlayedFacts): Played {
  return new Play(played, facts).toItsEnd();
}

class Play {
  readonly #process: IndexedModel;
  readonly #rulesOf: PlayedProcess['rulesOf'];
  readonly #ask: Ask;
  readonly #deciding: ReadonlySet<string>;
  readonly #facts: PlayedFacts;
  readonly #evaluate: Evaluate;
  readonly #queue: Happening[] = [];
  readonly #taken = new Map<string, number>();
  readonly #steps: PlayedStep[] = [];
  readonly #rows: number[] = [];
  #stopped: string | null = null;

  constructor({ process, rulesOf, ask, deciding }: PlayedProcess, facts: PlayedFacts) {
    this.#process = process;
    this.#rulesOf = rulesOf;
    this.#ask = ask;
    this.#deciding = deciding;
    this.#facts = facts;
    this.#evaluate = evaluatorOf(process, facts.startedAt, replayLimits);
  }

  toItsEnd(): Played {
    const starts = this.#process.model.body.nodes.filter((node) => node.kind === 'start');
    const at = starts.some(({ event }) => !event) ? undefined : starts[0]?.id;
    this.#queue.push({ type: 'started', variables: this.#facts.variables, ...(at === undefined ? {} : { at }) });
    let state = unbegun;
    for (let told = 0; state.status === 'running' && this.#stopped === null; told++) {
      const happening = this.#queue.shift();
      if (!happening) this.#stopped = 'It waits for something that never happens here.';
      else if (told >= mostHappenings) this.#stopped = 'It goes round without an end.';
      else state = this.#take(state, happening);
    }
    if (state.status === 'failed') this.#stopped ??= 'It ends with an error.';
    return { steps: this.#steps, rows: this.#rows, outcome: state.outcome ?? null, stopped: this.#stopped };
  }

  #take(before: InstanceState, happening: Happening): InstanceState {
    try {
      const { state, commands } = step(this.#process, before, happening, this.#evaluate);
      for (const command of commands) {
        if (command.do === 'incident') this.#stopped ??= command.message;
        else if (command.do === 'await') this.#await(command.token, command.event);
        else if (command.do === 'open') this.#open(command.node, command.token, command.variables);
      }
      return state;
    } catch (error) {
      // What came too late within one step: another way was quicker.
      if (error instanceof NotAwaitedError) return before;
      this.#stopped = (error as Error).message;
      return before;
    }
  }

  /** What is awaited comes, but nothing from the edge of an activity: nobody was late. */
  #await(token: number, event: string): void {
    if (this.#process.place(event).node.kind !== 'boundary') this.#queue.push({ type: 'caught', token, event });
  }

  #open(id: string, token: number, variables: Values): void {
    const { node } = this.#process.place(id);
    try {
      this.#queue.push(this.#answer(node, token, variables));
    } catch (error) {
      const code = error instanceof Problem ? error.code : 'technical';
      const message = error instanceof Problem ? error.detail : (error as Error).message;
      this.#queue.push({ type: 'failed', token, code, message });
    }
  }

  #answer(node: ProcessNode, token: number, variables: Values): Happening {
    switch (node.kind) {
      case 'user':
        return this.#decide(node, token, variables);
      case 'business-rule': {
        const input = Object.fromEntries(
          Object.entries(node.input ?? {}).map(([name, feel]) => [name, this.#evaluate(feel, variables)]),
        );
        const answer = this.#ask(node.decision, input, this.#facts.startedAt);
        this.#rows.push(...(answer?.rows ?? []));
        return { type: 'completed', token, result: answer ? answer.value : this.#recorded(node.result) };
      }
      case 'service':
        return { type: 'completed', token, ...(node.result ? { result: this.#recorded(node.result) } : {}) };
      case 'call':
        if (this.#deciding.has(node.process)) {
          this.#stopped ??= `Not comparable: it calls "${node.process}", and who decides there is not replayed.`;
        }
        return { type: 'completed', token, set: this.#recordedOf(Object.keys(node.output ?? {})) };
      default:
        return { type: 'completed', token };
    }
  }

  #recorded(name: string): Value {
    return this.#facts.final[name] ?? null;
  }

  #recordedOf(names: readonly string[]): Values {
    return Object.fromEntries(
      names.filter((name) => name in this.#facts.final).map((name) => [name, this.#recorded(name)]),
    );
  }

  #decidedBy(node: string): Value {
    const told = this.#recorded(node);
    return typeof told === 'object' && told !== null && 'by' in told ? (told.by ?? null) : null;
  }

  #decide(node: UserTask, token: number, variables: Values): Happening {
    const rules = this.#rulesOf.get(node.id) ?? [];
    this.#steps.push({
      node: node.id,
      rules: rules.map(({ people, managerOf, limitCovers }) => ({
        people: people === undefined ? null : textsOf(this.#evaluate(people, variables)),
        managersOf: managerOf ? textsOf(this.#evaluate(managerOf.person, variables)) : null,
        amount: limitCovers ? (variables[limitCovers] ?? null) : null,
      })),
    });
    const round = this.#taken.get(node.id) ?? 0;
    this.#taken.set(node.id, round + 1);
    const then = this.#facts.outcomes.get(node.id)?.[round]?.outcome;
    const outcome = then !== undefined && node.outcomes.includes(then) ? then : (node.outcomes[0] ?? null);
    const form = (node.form ?? []).map(({ variable }) => variable);
    const by = then === undefined ? null : this.#decidedBy(node.id);
    return { type: 'completed', token, set: { ...this.#recordedOf(form), [node.id]: { outcome, by } } };
  }
}
