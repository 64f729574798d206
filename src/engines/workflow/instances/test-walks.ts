import type { Body, ProcessModel } from '../definitions/process-model.ts';
import { type IndexedModel, indexModel } from './index-model.ts';
import type { Happening, InstanceState } from './instance-state.ts';
import { type Evaluate, step, unbegun } from './step.ts';

/** What came of every run of a process: whether one came to its end, and where those rest that never can. */
export interface Walks {
  ends: boolean;
  stuck: InstanceState[];
}

/** States of one process that are looked at. */
const maxStates = 3_000;

/**
 * Plays every run of a body without sub-processes by the step function: whatever is answered in whatever order, whichever way
 * each gateway takes. Null where there are too many.
 */
export function walkAll(body: Body): Walks | null {
  const { model, flows } = withChoices(body);
  const walks: Walks = { ends: false, stuck: [] };
  const seen = new Set<string>();
  const pending = everyWay(model, flows, unbegun, { type: 'started', variables: {} });
  for (let state = pending.pop(); state; state = pending.pop()) {
    const key = keyOf(state);
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > maxStates) return null;
    if (state.status === 'completed') walks.ends = true;
    else if (state.tokens.some(({ rests }) => rests === 'incident')) walks.stuck.push(state);
    else for (const happening of happeningsAt(model, state)) pending.push(...everyWay(model, flows, state, happening));
  }
  return walks;
}

const keyOf = ({ status, tokens }: InstanceState) =>
  `${status} ${tokens
    .map(({ node, via, rests }) => `${node}/${via}/${rests}`)
    .sort()
    .join(' ')}`;

/** Everything that may happen next: each activity ends, or an event at its edge comes. */
function happeningsAt(model: IndexedModel, { tokens }: InstanceState): Happening[] {
  const waiting = tokens.filter(({ rests, multi }) => rests === 'outside' && !multi);
  return waiting.flatMap(({ id, node }): Happening[] => {
    const { node: at, outgoing, boundaries } = model.place(node);
    const events = at.kind === 'event' ? outgoing.map(({ to }) => to) : at.kind === 'catch' ? [node] : [];
    const isAnswered = at.kind !== 'event' && at.kind !== 'catch' && at.kind !== 'sub-process';
    return [
      ...(isAnswered ? [{ type: 'completed', token: id } as const] : []),
      ...[...events, ...boundaries.map((one) => one.id)].map(
        (event) => ({ type: 'caught', token: id, event }) as const,
      ),
    ];
  });
}

interface Choices {
  /** By the flow that is a condition's own text: its gateway's kind, and whether it is asked last. */
  of: ReadonlyMap<string, { gateway: string; isExclusive: boolean; isLast: boolean }>;
}

/** A body whose conditions are the names of their flows; an exclusive gateway's last flow is its default. */
function withChoices(body: Body): { model: IndexedModel; flows: Choices } {
  const of = new Map<string, { gateway: string; isExclusive: boolean; isLast: boolean }>();
  for (const { id, kind } of body.nodes) {
    if (kind !== 'exclusive' && kind !== 'inclusive') continue;
    const out = body.flows.filter(({ from }) => from === id);
    for (const flow of out)
      of.set(flow.id, { gateway: id, isExclusive: kind === 'exclusive', isLast: flow === out.at(-1) });
  }
  const flows = body.flows.map(({ condition: _, ...flow }) =>
    of.has(flow.id) ? { ...flow, condition: flow.id } : flow,
  );
  const model = indexModel({ code: 'walk', title: 'Walk', variables: [], body: { ...body, flows } });
  return { model, flows: { of } };
}

/** The states after something happened, one for each way that the gateways it passes can take. */
function everyWay(model: IndexedModel, { of }: Choices, state: InstanceState, happening: Happening): InstanceState[] {
  const results: InstanceState[] = [];
  for (let planned: boolean[] | null = []; planned; ) {
    const said: boolean[] = [];
    const plan: boolean[] = planned;
    let isTaken = false;
    const evaluate: Evaluate = (flow) => {
      const { isExclusive, isLast } = of.get(flow)!;
      // One way at least is taken; an exclusive gateway asks no more once one is.
      const isFree = isTaken || !isLast;
      const answer = isFree ? (plan[said.length] ?? false) : true;
      if (isFree) said.push(answer);
      isTaken = !isExclusive && !isLast && (isTaken || answer);
      return answer;
    };
    results.push(step(model, state, happening, evaluate).state);
    const last = said.lastIndexOf(false);
    planned = last < 0 ? null : [...said.slice(0, last), true];
  }
  return results;
}

/**
 * One run of a process: numbers choose what happens next and whether conditions hold. Behind the last of them nothing but what
 * has to happen does, and no condition holds. Answers the state where nothing more can happen, the last one otherwise.
 */
export function walkOnce(model: ProcessModel, choices: readonly number[]): InstanceState {
  const indexed = indexModel(model);
  let next = 0;
  const evaluate: Evaluate = () => (choices[next++] ?? 0) % 2 === 1;
  let { state } = step(indexed, unbegun, { type: 'started', variables: {} }, evaluate);
  for (let turn = 0; turn < 1_000 && state.status === 'running'; turn++) {
    const possible = happeningsAt(indexed, state);
    const happening = possible[(choices[next++] ?? 0) % possible.length];
    if (!happening) break;
    ({ state } = step(indexed, state, happening, evaluate));
  }
  return state;
}
