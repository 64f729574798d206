import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Permission } from '#module';
import type { Money } from '#money';
import { liesInScope } from '#scope';
import { findMembers, type Member } from '#security';
import type { CandidateRule, Feel } from './definitions/process-model.ts';
import type { Value, Values } from './instances/instance-state.ts';
import type { InstanceRow } from './instances/instance-store.ts';
import type { Evaluate } from './instances/step.ts';
import type { WorkflowParts } from './instances/workflow-parts.ts';
import { covers, limitFor, moneyIn } from './personal-limits.ts';
import * as store from './workflow-store.ts';

type Tx = TenantTx<Context>;

const textsOf = (value: Value): string[] =>
  (Array.isArray(value) ? (value as readonly Value[]) : [value]).filter((one) => typeof one === 'string');

/** A rule and those that hold in its place, the preferred first; who may not take a task by the first may not by any. */
export function byPreference(rule: CandidateRule): CandidateRule[] {
  const { otherwise, ...first } = rule;
  if (!otherwise) return [first];
  const notActorOf = [...new Set([...(rule.notActorOf ?? []), ...(otherwise.notActorOf ?? [])])];
  return [first, ...byPreference({ ...otherwise, ...(notActorOf.length > 0 ? { notActorOf } : {}) })];
}

/** Looks for who may take the tasks of one instance, within one transaction: people and decisions are read once. */
export class CandidateSearch {
  readonly #tx: Tx;
  readonly #instance: Pick<InstanceRow, 'id' | 'makers' | 'subjectType' | 'subjectId'>;
  readonly #parts: WorkflowParts;
  readonly #evaluate: Evaluate;
  readonly #converted = new Map<string, Money>();
  #everyone: Promise<Member[]> | undefined;
  #deciders: Promise<store.Decider[]> | undefined;

  constructor(
    tx: Tx,
    instance: Pick<InstanceRow, 'id' | 'makers' | 'subjectType' | 'subjectId'>,
    parts: WorkflowParts,
    evaluate: Evaluate,
  ) {
    this.#tx = tx;
    this.#instance = instance;
    this.#parts = parts;
    this.#evaluate = evaluate;
  }

  /**
   * Ids of who meets a rule, or one that holds in its place, made nothing of the subject and took none of the tasks that the rule
   * sets apart.
   */
  async eligible(rule: CandidateRule, variables: Values): Promise<string[]> {
    this.#everyone ??= findMembers(this.#tx);
    return this.#byAny(await this.#everyone, rule, variables);
  }

  /**
   * Whether one person meets a rule now, or one that holds in its place. `standsFor`: whom the rule may name instead; all else
   * they meet themselves.
   */
  async isEligible(
    rule: CandidateRule,
    variables: Values,
    personId: string,
    standsFor: string | null = null,
  ): Promise<boolean> {
    return (await this.#byAny(await findMembers(this.#tx, [personId]), rule, variables, standsFor)).length > 0;
  }

  async #byAny(
    people: readonly Member[],
    rule: CandidateRule,
    variables: Values,
    standsFor: string | null = null,
  ): Promise<string[]> {
    const found = new Set<string>();
    for (const one of byPreference(rule))
      for (const id of await this.#among(people, one, variables, standsFor)) found.add(id);
    return [...found];
  }

  /** Somebody has decided since: who took what is read anew. */
  forgetDeciders(): void {
    this.#deciders = undefined;
  }

  async #among(
    people: readonly Member[],
    rule: CandidateRule,
    variables: Values,
    standsFor: string | null,
  ): Promise<string[]> {
    const { permission, roles } = rule;
    const named = await this.#named(rule, variables);
    const barred = await this.#barred(rule);
    const currency = typeof variables.currency === 'string' ? variables.currency : this.#tx.context.tenant.currency;
    const needed = rule.limitCovers ? moneyIn(variables[rule.limitCovers], currency) : undefined;
    const right = (permission ?? 'promotions:approve') as Permission;
    const subject = { type: this.#instance.subjectType, id: this.#instance.subjectId };
    const eligible: string[] = [];
    for (const person of people) {
      const couldTake =
        person.active &&
        !barred.has(person.id) &&
        (!permission || person.permissions.has(permission as Permission)) &&
        (!roles || person.roles.some((role) => roles.includes(role))) &&
        (!named || named.has(person.id) || (standsFor !== null && named.has(standsFor)));
      if (!couldTake) continue;
      const limit = needed === undefined ? null : limitFor(person, right, needed?.currency ?? currency);
      if (needed !== undefined && !covers(limit, await this.#asIn(limit, needed))) continue;
      if (await liesInScope(this.#tx, person.scope, subject)) eligible.push(person.id);
    }
    return eligible;
  }

  /** An amount in the currency of a limit, or as it is where no rate is known. */
  async #asIn(limit: Money | null | undefined, amount: Money | null): Promise<Money | null> {
    if (!limit || !amount || limit.currency === amount.currency) return amount;
    const key = `${amount.minor} ${amount.currency} ${limit.currency}`;
    const known = this.#converted.get(key);
    if (known) return known;
    const made = (await this.#parts.inCurrency?.(this.#tx, amount, limit.currency)) ?? amount;
    this.#converted.set(key, made);
    return made;
  }

  /** The people whom a rule names, itself or as managers; null where it names none and asks for rights only. */
  async #named({ people, managerOf }: CandidateRule, variables: Values): Promise<Set<string> | null> {
    if (people === undefined && !managerOf) return null;
    const ids = (feel: Feel) => textsOf(this.#evaluate(feel, variables));
    const named = new Set(people === undefined ? [] : ids(people));
    for (const person of managerOf ? ids(managerOf.person) : []) {
      const manager = await this.#parts.managerOf?.(this.#tx, person, managerOf?.levels ?? 1);
      if (manager) named.add(manager);
    }
    return named;
  }

  async #barred({ notActorOf }: CandidateRule): Promise<Set<string>> {
    const barred = new Set(this.#instance.makers);
    if (!notActorOf || notActorOf.length === 0) return barred;
    this.#deciders ??= store.decidersOf(this.#tx, this.#instance.id);
    for (const { step, personId } of await this.#deciders) if (notActorOf.includes(step)) barred.add(personId);
    return barred;
  }
}
