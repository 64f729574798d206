import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Permission } from '#module';
import { compare, type Money, money } from '#money';
import { liesInScope } from '#scope';
import { findMembers, limitOf, limitsOf, type Member } from '#security';
import type { CandidateRule, Feel } from './definitions/process-model.ts';
import type { Value, Values } from './instances/instance-state.ts';
import type { InstanceRow } from './instances/instance-store.ts';
import type { Evaluate } from './instances/step.ts';
import type { WorkflowParts } from './instances/workflow-parts.ts';
import * as store from './workflow-store.ts';

type Tx = TenantTx<Context>;

/** Whether a personal limit covers an amount; another currency never does without a rate. */
function limitCovers(person: Member, permission: Permission, amount: Money): boolean {
  const limit = limitOf(limitsOf(person), [permission, 'promotions:approve'], amount.currency);
  if (!limit) return limit === null;
  return limit.currency === amount.currency && compare(limit, amount) >= 0;
}

/** Money in a variable: a decimal string in the instance's currency, or `{amount, currency}`; null where there is none. */
function moneyIn(value: Value | undefined, currency: string): Money | null {
  if (typeof value === 'string' && value !== '') return money(value, currency);
  if (typeof value === 'number') return money(String(value), currency);
  if (typeof value !== 'object' || value === null || !('amount' in value)) return null;
  return money(String(value.amount), typeof value.currency === 'string' ? value.currency : currency);
}

const textsOf = (value: Value): string[] =>
  (Array.isArray(value) ? (value as readonly Value[]) : [value]).filter((one) => typeof one === 'string');

/** Looks for who may take the tasks of one instance, within one transaction: people and decisions are read once. */
export class CandidateSearch {
  readonly #tx: Tx;
  readonly #instance: Pick<InstanceRow, 'id' | 'makers' | 'subjectType' | 'subjectId'>;
  readonly #parts: WorkflowParts;
  readonly #evaluate: Evaluate;
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

  /** Ids of who meets a rule, made nothing of the subject and took none of the tasks that the rule sets apart. */
  async eligible(rule: CandidateRule, variables: Values): Promise<string[]> {
    this.#everyone ??= findMembers(this.#tx);
    return this.#among(await this.#everyone, rule, variables);
  }

  /** Whether one person meets a rule now. */
  async isEligible(rule: CandidateRule, variables: Values, personId: string): Promise<boolean> {
    return (await this.#among(await findMembers(this.#tx, [personId]), rule, variables)).length > 0;
  }

  async #among(people: readonly Member[], rule: CandidateRule, variables: Values): Promise<string[]> {
    const { permission, roles } = rule;
    const named = await this.#named(rule, variables);
    const barred = await this.#barred(rule);
    const currency = typeof variables.currency === 'string' ? variables.currency : this.#tx.context.tenant.currency;
    const needed = rule.limitCovers ? moneyIn(variables[rule.limitCovers], currency) : null;
    const right = (permission ?? 'promotions:approve') as Permission;
    const subject = { type: this.#instance.subjectType, id: this.#instance.subjectId };
    const eligible: string[] = [];
    for (const person of people) {
      const may =
        person.active &&
        !barred.has(person.id) &&
        (!permission || person.permissions.has(permission as Permission)) &&
        (!roles || person.roles.some((role) => roles.includes(role))) &&
        (!named || named.has(person.id)) &&
        (!needed || limitCovers(person, right, needed));
      if (may && (await liesInScope(this.#tx, person.scope, subject))) eligible.push(person.id);
    }
    return eligible;
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
