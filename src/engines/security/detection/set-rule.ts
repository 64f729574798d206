import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { recordAudit } from '../audit/record-audit.ts';
import { rules } from './domain/rules/index.ts';
import { keepRuleSetting, type RuleSetting, readRuleSettings } from './incident-store.ts';

/** Turns a rule on or off, or its remedy into a dry run. Throws `not_found` and `version.conflict`. */
export async function setRule(
  context: Context,
  id: string,
  change: { enabled?: boolean | undefined; mode?: RuleSetting['mode'] | undefined },
  ifMatch?: number,
): Promise<void> {
  const rule = rules.find((one) => one.id === id) ?? notFound('rule', id);
  await context.db.transact(context, async (tx) => {
    const before = (await readRuleSettings(tx)).get(id) ?? { enabled: true, mode: rule.byItself, version: 0 };
    if (ifMatch !== undefined && ifMatch !== before.version) throw new Problem('version.conflict');
    const after = { enabled: change.enabled ?? before.enabled, mode: change.mode ?? before.mode };
    await keepRuleSetting(tx, { rule: id, ...after });
    await recordAudit(tx, {
      ...{ action: 'detection_rule.set', entityType: 'detection_rule', entityId: id },
      before: { enabled: before.enabled, mode: before.mode },
      after,
    });
  });
}
