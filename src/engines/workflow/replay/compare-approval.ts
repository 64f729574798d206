import { Problem } from '#problem';
import type { CandidateRule } from '../definitions/process-model.ts';
import type { Value, Values } from '../instances/instance-state.ts';
import { moneyIn } from '../personal-limits.ts';
import type { Played, PlayedStep, RuleValues } from './play-on.ts';
import type { AskedRule, Bar, WhoMay } from './who-may.ts';

/** A task as it was taken then. */
export interface PastStep {
  step: string;
  outcome: string;
  /** Null: the process itself decided, or a vote that nobody settled. */
  by: string | null;
  /** By which rules it was given out, the preferred first. */
  rules: readonly CandidateRule[];
  /** Who was asked, where the rules name people; null: they name none. */
  named: readonly string[] | null;
}

/** An approval that is over, as it really went. */
export interface PastApproval {
  id: string;
  startedAt: Date;
  endedAt: Date;
  subjectType: string;
  subjectId: string;
  outcome: string | null;
  makers: readonly string[];
  currency: string;
  variables: Values;
  final: Values;
  /** What it is counted under beside all others. */
  group: string | null;
  taken: readonly PastStep[];
}

/** How a breach of what held then is called: README.md says when each of them is one. */
export type BreachKind = 'step-dropped' | 'limit-not-asked' | 'nobody-left' | Bar;

/** Something that the rules of then kept and the tried ones do not. */
export interface Breach {
  kind: BreachKind;
  /** The step; null: the approval as a whole. */
  step: string | null;
  /** Who could now what they could not then. */
  people: string[];
}

/** What becomes of a step. */
export interface ReplayedStep {
  step: string;
  is: 'kept' | 'added' | 'dropped';
  /** Who took it then. */
  by: string | null;
  /** Why they could not any more; null: they could, or nobody took it. */
  barred: Bar | null;
  /** Who could take it; whoever took it then stands first. */
  people: string[];
}

/** In what an approval comes out otherwise. */
export const differences = [
  ...(['more-steps', 'fewer-steps', 'other-steps', 'other-people', 'other-outcome', 'breach', 'stopped'] as const),
];
/** One of {@link differences}. */
export type Difference = (typeof differences)[number];

/** An approval of then beside what the tried rules make of it. */
export interface ReplayedApproval {
  id: string;
  endedAt: Date;
  group: string | null;
  /** Steps that people took then, and would take. */
  stepsThen: number;
  stepsNow: number;
  outcomeThen: string | null;
  outcomeNow: string | null;
  rows: readonly number[];
  steps: ReplayedStep[];
  breaches: Breach[];
  differences: Difference[];
  stopped: string | null;
}

/** What comparing asks of the house. */
export interface ComparingParts {
  who: WhoMay;
  /** The rules of a step of the tried process, the preferred first. */
  rulesOf(step: string): readonly CandidateRule[];
  /** The people that a rule names, managers among them; null: it names none. */
  namedBy(rule: CandidateRule, values: RuleValues): ReadonlySet<string> | null;
  isInScope(person: string, approval: PastApproval): boolean;
  /** Whether the tried version can have taken a step away: a decision none that the process does not have at all. */
  couldDrop(step: string): boolean;
}

/** Puts what really happened beside where an approval goes on the tried rules. Pure. */
export function compareApproval(past: PastApproval, played: Played, parts: ComparingParts): ReplayedApproval {
  return new Comparison(past, played, parts).answer();
}

class Comparison {
  readonly #past: PastApproval;
  readonly #played: Played;
  readonly #parts: ComparingParts;
  readonly #breaches: Breach[] = [];

  constructor(past: PastApproval, played: Played, parts: ComparingParts) {
    this.#past = past;
    this.#played = played;
    this.#parts = parts;
  }

  answer(): ReplayedApproval {
    const { id, endedAt, group, taken, outcome } = this.#past;
    const { rows, outcome: outcomeNow } = this.#played;
    let stopped = this.#played.stopped;
    let steps: ReplayedStep[] = [];
    try {
      if (stopped === null) steps = this.#steps();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      stopped = error.detail;
    }
    const facts = { id, endedAt, group, rows, steps, stopped, outcomeThen: outcome, outcomeNow };
    const counted = { stepsThen: taken.length, stepsNow: steps.filter(({ is }) => is !== 'dropped').length };
    const breaches = stopped === null ? this.#breaches : [];
    const made = { ...facts, ...counted, breaches };
    return { ...made, differences: differencesOf(made) };
  }

  #steps(): ReplayedStep[] {
    const left = [...this.#past.taken];
    const steps = this.#played.steps.map((played): ReplayedStep => {
      const at = left.findIndex(({ step }) => step === played.node);
      return this.#replayed(played, at < 0 ? undefined : left.splice(at, 1)[0]);
    });
    const dropped = left.map(({ step, by }): ReplayedStep => {
      if (this.#parts.couldDrop(step)) this.#breaches.push({ kind: 'step-dropped', step, people: [] });
      return { step, is: 'dropped', by, barred: null, people: [] };
    });
    if (this.#past.taken.some(coversThen) && !this.#played.steps.some(coversNow)) {
      this.#breaches.push({ kind: 'limit-not-asked', step: null, people: [] });
    }
    return [...steps, ...dropped];
  }

  #replayed(played: PlayedStep, then: PastStep | undefined): ReplayedStep {
    const { who, rulesOf, namedBy } = this.#parts;
    const rules = rulesOf(played.node).map((rule, at): AskedRule => {
      const values = played.rules[at] ?? noValues;
      return this.#asked(rule, values.amount, namedBy(rule, values));
    });
    const may = who.may(rules);
    if (may.length === 0) this.#breaches.push({ kind: 'nobody-left', step: played.node, people: [] });
    if (then) this.#loosened(played.node, then, rules, may);
    const by = then?.by ?? null;
    const barred = by === null ? null : who.bar(by, rules);
    const people = by !== null && may.includes(by) ? [by, ...may.filter((id) => id !== by)] : may;
    return { step: played.node, is: then ? 'kept' : 'added', by, barred, people };
  }

  /** Who could take a step that the rules of then kept from them, by what they kept them from it. */
  #loosened(step: string, then: PastStep, rules: readonly AskedRule[], may: readonly string[]): void {
    const { who } = this.#parts;
    const named = then.named && new Set(then.named);
    const before = then.rules.map((rule) => this.#asked(rule, this.#amountThen(rule), named));
    if (named === null && isSame(rules, before)) return;
    const byBar = new Map<Bar, string[]>();
    for (const person of may) {
      const bar = who.bar(person, before);
      if (bar) byBar.set(bar, [...(byBar.get(bar) ?? []), person]);
    }
    for (const [kind, people] of byBar) this.#breaches.push({ kind, step, people });
  }

  #amountThen({ limitCovers }: CandidateRule): Value {
    return limitCovers === undefined ? null : (this.#past.final[limitCovers] ?? null);
  }

  #asked(rule: CandidateRule, amount: Value, named: ReadonlySet<string> | null): AskedRule {
    const past = this.#past;
    const apart = past.taken.flatMap(({ step, by }) => (by !== null && rule.notActorOf?.includes(step) ? [by] : []));
    return {
      ...{ rule, named, barred: new Set([...past.makers, ...apart]) },
      amount: moneyIn(amount, past.currency),
      isInScope: (person) => this.#parts.isInScope(person, past),
    };
  }
}

const noValues: RuleValues = { people: null, managersOf: null, amount: null };
const coversThen = ({ rules }: PastStep) => rules.some(({ limitCovers }) => limitCovers !== undefined);
const coversNow = ({ rules }: PlayedStep) => rules.some(({ amount }) => amount !== null);

/** Whether rules ask for the same. */
const isSame = (some: readonly AskedRule[], others: readonly AskedRule[]) =>
  some.length === others.length &&
  some.every(({ rule, amount }, at) => {
    const other = others[at];
    return other && keyOf(rule) === keyOf(other.rule) && amount?.minor === other.amount?.minor;
  });

const keys = new WeakMap<CandidateRule, string>();

/** What a rule says, whatever the order in which it says it; a rule is looked at once. */
function keyOf(rule: CandidateRule): string {
  const known = keys.get(rule);
  if (known !== undefined) return known;
  const { permission, roles, people, managerOf, limitCovers, notActorOf } = rule;
  const sorted = (names: readonly string[] | undefined) => [...(names ?? [])].sort();
  const said = [
    permission,
    people,
    managerOf?.person,
    managerOf?.levels,
    limitCovers,
    sorted(roles),
    sorted(notActorOf),
  ];
  const key = JSON.stringify(said);
  keys.set(rule, key);
  return key;
}

type Compared = Omit<ReplayedApproval, 'differences'>;

function differencesOf({ stopped, stepsThen, stepsNow, steps, breaches, ...outcome }: Compared): Difference[] {
  if (stopped !== null) return ['stopped'];
  const found: Difference[] = [];
  if (stepsNow > stepsThen) found.push('more-steps');
  else if (stepsNow < stepsThen) found.push('fewer-steps');
  else if (steps.some(({ is }) => is !== 'kept')) found.push('other-steps');
  if (steps.some(({ barred }) => barred !== null)) found.push('other-people');
  if (outcome.outcomeNow !== outcome.outcomeThen) found.push('other-outcome');
  if (breaches.length > 0) found.push('breach');
  return found;
}
