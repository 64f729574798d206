import type { Permission } from '#module';
import type { Money } from '#money';
import type { Member } from '#security';
import type { CandidateRule } from '../definitions/process-model.ts';
import { covers, limitFor } from '../personal-limits.ts';

/** What a rule comes to for one approval. */
export interface Asked {
  /** The money that a limit must cover; null: none, or nobody knows it. */
  amount: Money | null;
  /** The people that the rule names; null: it names none. */
  named: ReadonlySet<string> | null;
  /** Makers, and who took what the rule sets apart. */
  barred: ReadonlySet<string>;
  /** Whether the subject lies in the part of the tenant that somebody is kept to. */
  isInScope(person: string): boolean;
}

/** Why somebody may not take a task. */
export type Bar =
  | 'without-permission'
  | 'without-role'
  | 'not-named'
  | 'over-limit'
  | 'other-hand-needed'
  | 'out-of-scope';

/** A rule with what it comes to. */
export interface AskedRule extends Asked {
  rule: CandidateRule;
}

/** The people of a tenant as they are now, asked over and over: what of a rule holds for every approval is looked at once. */
export class WhoMay {
  readonly #members: ReadonlyMap<string, Member>;
  readonly #holders = new Map<string, readonly Member[]>();
  readonly #limits = new Map<string, Map<string, Money | null | undefined>>();

  constructor(members: readonly Member[]) {
    this.#members = new Map(members.filter(({ active }) => active).map((member) => [member.id, member] as const));
  }

  /** Ids of who is asked: those who meet the first of some rules that anybody meets. */
  may(rules: readonly AskedRule[]): string[] {
    for (const asked of rules) {
      const found: string[] = [];
      for (const person of this.#holdersOf(asked.rule)) if (this.#bar(person, asked) === null) found.push(person.id);
      if (found.length > 0) return found;
    }
    return [];
  }

  /** Why somebody meets none of some rules, by the preferred one; null: they meet one, or nobody knows them any more. */
  bar(personId: string, rules: readonly AskedRule[]): Bar | null {
    const person = this.#members.get(personId);
    if (!person) return null;
    const bars = rules.map((asked) => this.#rightBar(person, asked.rule) ?? this.#bar(person, asked));
    return bars.includes(null) ? null : (bars[0] ?? null);
  }

  #rightBar({ permissions, roles }: Member, rule: CandidateRule): Bar | null {
    if (rule.permission !== undefined && !permissions.has(rule.permission)) return 'without-permission';
    return rule.roles && !roles.some((role) => rule.roles?.includes(role)) ? 'without-role' : null;
  }

  #holdersOf(rule: CandidateRule): readonly Member[] {
    const key = JSON.stringify([rule.permission, rule.roles]);
    const known = this.#holders.get(key);
    if (known) return known;
    const found = [...this.#members.values()].filter((person) => this.#rightBar(person, rule) === null);
    this.#holders.set(key, found);
    return found;
  }

  #bar({ id, scope }: Member, { rule, amount, named, barred, isInScope }: AskedRule): Bar | null {
    if (named && !named.has(id)) return 'not-named';
    const isLimited = rule.limitCovers !== undefined;
    if (isLimited && !covers(this.#limit(id, rule, amount?.currency ?? ''), amount)) return 'over-limit';
    if (barred.has(id)) return 'other-hand-needed';
    return (scope.customers || scope.products) && !isInScope(id) ? 'out-of-scope' : null;
  }

  #limit(person: string, { permission }: CandidateRule, currency: string): Money | null | undefined {
    const right = (permission ?? 'promotions:approve') as Permission;
    const key = `${right} ${currency}`;
    let limits = this.#limits.get(key);
    if (!limits) {
      const each = [...this.#members.values()].map((one) => [one.id, limitFor(one, right, currency)] as const);
      limits = new Map(each);
      this.#limits.set(key, limits);
    }
    return limits.get(person);
  }
}
