import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { type Permission, permissions } from '#module';
import { money } from '#money';
import { limitOf, limitsOf, refusalOf } from './policy.ts';
import { predefinedRoles, type Role } from './roles.ts';
import { asOwn, entitiesOf, type PolicyCase, policiesOf } from './test-cedar.ts';

/** Random policies and requests that are compared with Cedar; more by TRADEAI_POLICY_PAIRS. */
const pairs = Number(process.env.TRADEAI_POLICY_PAIRS ?? 5_000);

const currencies = ['USD', 'JPY', 'KWD'] as const;
const limited: Permission[] = ['promotions:approve', 'funds:approve', 'claims:settle', 'claims:writeoff'];
/** Half of what is asked is bounded by amounts, so that limits are tried as often as the rest. */
const askedPermission = fc.oneof(fc.constantFrom(...limited), fc.constantFrom(...permissions));
const treeOf = (nodes: number) =>
  fc.tuple(
    ...Array.from({ length: nodes }, (_, at) =>
      at === 0 ? fc.constant(null) : fc.option(fc.nat(at - 1), { freq: 6 }),
    ),
  );
const nodeOf = (nodes: number) =>
  fc.oneof({ weight: 6, arbitrary: fc.nat(nodes - 1) }, fc.constant('top' as const), fc.constant(undefined));
const rootsOf = (nodes: number) =>
  fc.option(fc.uniqueArray(fc.nat(nodes - 1), { minLength: 1, maxLength: 3 }), { freq: 3 });
const minor = fc.bigInt({ min: 0n, max: 40n }).map((step) => step * 2_500n);
const customRole: fc.Arbitrary<Role> = fc
  .subarray([...permissions])
  .map((held) => ({ code: 'custom', name: 'Custom', permissions: held }));

const policyCase: fc.Arbitrary<PolicyCase> = fc.record({
  tenant: fc.constant('a'),
  roles: fc.array(fc.oneof(fc.constantFrom(...predefinedRoles), customRole), { maxLength: 3 }),
  trees: fc.record({ customer: treeOf(9), product: treeOf(6) }),
  scope: fc.record({ customer: rootsOf(9), product: rootsOf(6) }),
  limits: fc.uniqueArray(
    fc.record({
      permission: fc.constantFrom(...limited),
      currency: fc.constantFrom(...currencies),
      minor: fc.option(minor),
    }),
    { minLength: 2, maxLength: 8, selector: ({ permission, currency }) => `${permission} ${currency}` },
  ),
  permission: askedPermission,
  resource: fc.record({
    tenant: fc.constantFrom('a', 'a', 'a', 'b'),
    customer: nodeOf(9),
    product: nodeOf(6),
    amount: fc.option(fc.record({ minor, currency: fc.constantFrom(...currencies) }), { nil: undefined, freq: 3 }),
  }),
});

/** What Cedar says of a case. */
function cedarAllows(one: PolicyCase): boolean {
  const { amount } = one.resource;
  const answer = isAuthorized({
    principal: { type: 'User', id: 'u' },
    action: { type: 'Action', id: one.permission },
    resource: { type: 'Thing', id: 't' },
    context: amount ? { amount: Number(amount.minor), currency: amount.currency } : {},
    policies: { staticPolicies: policiesOf(one) },
    entities: entitiesOf(one),
  });
  assert.equal(answer.type, 'success', JSON.stringify(answer));
  assert.ok(answer.type === 'success' && answer.response.diagnostics.errors.length === 0, JSON.stringify(answer));
  return answer.response.decision === 'allow';
}

test('no random policy is decided otherwise than by Cedar: permissions, tenants, subtrees, amounts', (t) => {
  const seed = Number(process.env.TRADEAI_POLICY_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`${pairs} pairs, TRADEAI_POLICY_SEED=${seed}`);
  const seen = { allow: 0, tenant: 0, permission: 0, scope: 0, limit: 0 };
  fc.assert(
    fc.property(policyCase, (one) => {
      const { actor, tenantId, permission, resource } = asOwn(one);
      const refused = refusalOf(actor, tenantId, permission, resource);
      seen[refused ?? 'allow'] += 1;
      assert.equal(refused === null, cedarAllows(one), `refused for ${refused}:\n${policiesOf(one)}`);
    }),
    { seed, numRuns: pairs },
  );
  t.diagnostic(JSON.stringify(seen));
  for (const [why, times] of Object.entries(seen))
    assert.ok(times > pairs / 100, `${why} came about ${times} times only`);
});

test('an approval limit is that of promotions:approve where none was set by currency, and stands in for settling', () => {
  const limits = limitsOf({ limits: [], approvalLimit: money('500.00', 'USD') });
  assert.deepEqual(limitOf(limits, ['claims:settle', 'promotions:approve'], 'USD'), money('500.00', 'USD'));
  const own = limitsOf({
    limits: [
      { permission: 'claims:settle', currency: 'EUR', amount: '90.00' },
      { permission: 'promotions:approve', currency: 'USD', amount: '70.00' },
    ],
    approvalLimit: money('500.00', 'USD'),
  });
  assert.deepEqual(limitOf(own, ['claims:settle', 'promotions:approve'], 'USD'), money('90.00', 'EUR'), 'to convert');
  assert.deepEqual(limitOf(own, ['promotions:approve'], 'USD'), money('70.00', 'USD'));
  assert.equal(
    limitOf(limitsOf({ limits: [], approvalLimit: null }), ['promotions:approve'], 'JPY'),
    null,
    'unlimited',
  );
  assert.equal(limitOf(own, ['claims:writeoff'], 'USD'), undefined);
});
