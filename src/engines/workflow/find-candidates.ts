import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Permission } from '#module';
import { compare, type Money, money } from '#money';
import { liesInScope } from '#scope';
import { findPeople, limitOf, limitsOf, type Person } from '#security';
import { type Step, stepsAfter } from './domain/definition.ts';
import { spareCandidates } from './domain/spare-candidates.ts';
import * as store from './workflow-store.ts';

type Tx = TenantTx<Context>;

/** Whether a personal limit covers an amount; another currency never does without a rate. */
function limitCovers(person: Person, permission: Permission, amount: Money): boolean {
  const limit = limitOf(limitsOf(person), [permission, 'promotions:approve'], amount.currency);
  if (!limit) return limit === null;
  return limit.currency === amount.currency && compare(limit, amount) >= 0;
}

/** Ids of who has the right and the limit for a step, made nothing of the subject and decided no step of it yet. */
export async function eligibleFor(
  tx: Tx,
  step: Step,
  instance: Pick<store.Instance, 'id' | 'variables' | 'makers' | 'subjectType' | 'subjectId'>,
): Promise<string[]> {
  const { permission, roles, limitCovers: variable } = step.candidates;
  const people = await findPeople(tx, { permission: permission as Permission });
  const barred = new Set([...instance.makers, ...(await store.earlierDeciders(tx, instance.id))]);
  const amount = variable ? instance.variables[variable] : undefined;
  const needed = amount ? money(amount, instance.variables.currency ?? tx.context.tenant.currency) : undefined;
  const subject = { type: instance.subjectType, id: instance.subjectId };
  const eligible: string[] = [];
  for (const person of people) {
    const may =
      !barred.has(person.id) &&
      (!roles || person.roles.some((role) => roles.includes(role))) &&
      (!needed || limitCovers(person, permission as Permission, needed));
    if (may && (await liesInScope(tx, person.scope, subject))) eligible.push(person.id);
  }
  return eligible;
}

/** Ids of who may be given a step: the eligible whom no later step is in need of. */
export async function candidatesFor(
  tx: Tx,
  step: Step,
  instance: Pick<store.Instance, 'id' | 'variables' | 'makers' | 'body' | 'subjectType' | 'subjectId'>,
): Promise<string[]> {
  const later: string[][] = [];
  for (const one of stepsAfter(instance.body, step.name, instance.variables)) {
    later.push(await eligibleFor(tx, one, instance));
  }
  return spareCandidates(await eligibleFor(tx, step, instance), later);
}
