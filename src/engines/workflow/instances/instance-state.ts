/** A JSON value, as variables hold them. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };
export type Values = Readonly<Record<string, Value>>;

/** Whether a value has members by name. */
export const isContext = (value: Value): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where an instance stands on one of its ways. */
export interface Token {
  id: number;
  node: string;
  /** The flow that it came by; absent where it began here. */
  via?: string;
  /** The run of a body that it belongs to. */
  run: number;
  /**
   * Why it does not move on by itself: something must happen outside, other ways must arrive at the join, or an incident
   * must be mended. Absent only within a step.
   */
  rests?: 'outside' | 'join' | 'incident';
  /** Of an activity that runs once for each element of a list. */
  multi?: MultiRuns;
}

/** Runs of a multi-instance activity that are still to come or under way. */
export interface MultiRuns {
  items: readonly Value[];
  /** How many were begun and how many are over. */
  begun: number;
  done: number;
  /** What the runs that are over gave, in the order of their elements; null while a run is under way. */
  collected: readonly Value[];
}

/** One run of a body or of an activity's inside: its own variables, seen from within only. */
export interface Run {
  id: number;
  /** The token of the activity that it is the inside of; absent for the instance's own body. */
  owner?: number;
  variables: Values;
  /** Which element of the owner's list it is the run of. */
  at?: number;
}

/** The whole state of an instance: JSON, moved only by {@link step}. */
export interface InstanceState {
  status: 'running' | 'completed' | 'failed';
  /** What the end event that was reached last says came of it. */
  outcome?: string;
  next: number;
  tokens: readonly Token[];
  runs: readonly Run[];
  /** Another instance called it and hears of the escalations that nothing in it takes. */
  called?: true;
}

/** Something that happened outside. */
export type Happening =
  | {
      type: 'started';
      variables: Values;
      /** The start event; absent: the one without an event. */
      at?: string;
      called?: true;
    }
  /** A waiting activity has its answer: variables to set, and the result under the activity's own name for it. */
  | { type: 'completed'; token: number; set?: Values; result?: Value }
  /** An awaited event of a waiting node came: of a catching event, of one behind an event gateway, of a boundary. */
  | { type: 'caught'; token: number; event: string; content?: Values }
  | { type: 'failed'; token: number; code: string; message: string }
  | { type: 'escalated'; token: number; code: string }
  /** Who called has heard of an escalation and lets it go on. */
  | { type: 'passed'; token: number }
  /** What happened could not be: an administrator has to look. What was begun outside for it is over. */
  | { type: 'stopped'; token: number; message: string }
  /** An administrator has mended what an incident named: the node is entered anew. */
  | { type: 'retried'; token: number; set?: Values };

/** What has to be done outside because of a step, in this order and in the same transaction. */
export type Command =
  | { do: 'open'; token: number; node: string; variables: Values }
  | { do: 'await'; token: number; event: string }
  /** Tasks, timers, subscriptions and called instances of a token are over. */
  | { do: 'withdraw'; token: number }
  | { do: 'withdraw-event'; token: number; event: string }
  | { do: 'throw'; node: string; variables: Values }
  /** Who called hears of it; the token waits until it is let go on. */
  | { do: 'escalate'; code: string; token?: number }
  | { do: 'incident'; token: number; node: string; message: string }
  | { do: 'end'; status: 'completed' | 'failed'; outcome?: string /** The error that nothing took. */; error?: string };

/** Variables that a token sees: those of its run before those of the runs around it. */
export function variablesAt(state: InstanceState, tokenId: number): Values {
  const lines: Values[] = [];
  let token = state.tokens.find(({ id }) => id === tokenId);
  while (token) {
    const { run: runId } = token;
    const run = state.runs.find(({ id }) => id === runId);
    lines.unshift(run?.variables ?? {});
    token = run?.owner === undefined ? undefined : state.tokens.find(({ id }) => id === run.owner);
  }
  return Object.assign({}, ...lines);
}
