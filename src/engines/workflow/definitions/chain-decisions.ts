import { outcomes } from '../domain/definition.ts';
import type { CandidateRule, Feel, Flow, ProcessModel, ProcessNode, TimerRule } from './process-model.ts';

/** A decision of several in order: who takes it, and when it is taken at all. */
export interface Link {
  id: string;
  name: string;
  candidates: CandidateRule;
  due: TimerRule;
  /** Absent: always taken. */
  when?: Feel;
  form?: readonly { variable: string; label: string; required?: boolean }[];
}

/** Decisions in order, with what is done before the first and after the last. */
export interface Chain extends Pick<ProcessModel, 'code' | 'title' | 'variables'> {
  /** In their order, before the first decision. */
  before?: readonly ProcessNode[];
  links: readonly Link[];
  /** Entered when everybody has approved; what comes out of `last` is approved. */
  after?: { first: string; last: string; nodes: readonly ProcessNode[]; flows: readonly Flow[] };
}

/**
 * A process of decisions in order: one whose condition fails is passed, approval leads to the next, every other outcome ends the
 * process with it, and nobody takes two of them.
 */
export function chainDecisions({ code, title, variables, before = [], links, after }: Chain): ProcessModel {
  const nodes: ProcessNode[] = [{ kind: 'start', id: 'start' }];
  const flows: Flow[] = [];
  // What leads to the next decision: from which node, and under which condition.
  let open: { from: string; more: Partial<Flow> }[] = [{ from: 'start', more: {} }];
  const enter = (to: string) => {
    for (const { from, more } of open) flows.push({ id: `${from}-to-${to}`, from, to, ...more });
  };
  for (const node of before) {
    enter(node.id);
    nodes.push(node);
    open = [{ from: node.id, more: {} }];
  }
  const earlier: string[] = [];
  for (const { when, ...link } of links) {
    const passed: typeof open = [];
    if (when !== undefined) {
      const needed = `${link.id}-needed`;
      enter(needed);
      nodes.push({ kind: 'exclusive', id: needed, name: `${link.name}?`, default: `${needed}-else` });
      open = [{ from: needed, more: { condition: when } }];
      passed.push({ from: needed, more: { id: `${needed}-else` } });
    }
    enter(link.id);
    const decided = `${link.id}-decided`;
    nodes.push(taskOf(link, earlier), { kind: 'exclusive', id: decided, default: `${decided}-approved` });
    flows.push({ id: `${link.id}-to-${decided}`, from: link.id, to: decided });
    for (const outcome of outcomes.filter((one) => one !== 'approved')) {
      const condition = `${link.id}.outcome = "${outcome}"`;
      flows.push({ id: `${decided}-${outcome}`, from: decided, to: outcome, name: outcome, condition });
    }
    open = [{ from: decided, more: { id: `${decided}-approved`, name: 'approved' } }, ...passed];
    earlier.push(link.id);
  }
  if (after) {
    // Ways that pass a decision meet those that take it, one token at a time.
    const merge = `before-${after.first}`;
    enter(merge);
    nodes.push({ kind: 'exclusive', id: merge }, ...after.nodes);
    flows.push({ id: `${merge}-on`, from: merge, to: after.first }, ...after.flows);
    open = [{ from: after.last, more: {} }];
  }
  enter('approved');
  const reached = outcomes.filter((outcome) => flows.some(({ to }) => to === outcome));
  nodes.push(...reached.map((outcome): ProcessNode => ({ kind: 'end', id: outcome, name: outcome, outcome })));
  return { code, title, variables, body: { nodes, flows } };
}

function taskOf({ candidates, ...link }: Link, earlier: readonly string[]): ProcessNode {
  const rule = { ...candidates, ...(earlier.length > 0 ? { notActorOf: [...earlier] } : {}) };
  return { kind: 'user', ...link, candidates: rule, outcomes: [...outcomes] };
}
