import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissions } from '#module';
import { defaultApprovalLimit, permissionsOf, predefinedRoles } from './roles.ts';

// K key account manager, M trade marketing manager, F finance controller, D data analyst, A auditor, X administrator
const matrix = `
customers:read       K M F D A X
customers:write      . . . D . X
products:read        K M F D A X
products:write       . . . D . X
funds:read           K M F D A X
funds:write          . . F . . X
funds:transfer       . . F . . X
funds:approve        . . F . . X
promotions:read      K M F D A X
promotions:create    K M . . . X
promotions:update    K M . . . X
promotions:cancel    K M . . . X
promotions:approve   . M F . . .
claims:read          K M F D A X
claims:write         . . F . . X
claims:settle        . . F . . .
claims:writeoff      . . F . . X
accruals:read        K M F D A X
accruals:post        . . F . . X
periods:close        . . F . . X
analytics:read       K M F D A X
ml:predict           K M F D . X
ml:train             . . . D . X
workflows:act        K M F . . X
workflows:design     . . . . . X
integrations:read    . . F D A X
integrations:manage  . . . . . X
bulk:import          K M F D . X
bulk:export          K M F D A X
monitoring:read      . . F D A X
monitoring:manage    . . . . . X
users:manage         . . . . . X
audit:read           . . F . A X
privacy:manage       . . . . . X`;

test('the six predefined roles hold exactly the permissions of the matrix', () => {
  const letters = ['K', 'M', 'F', 'D', 'A', 'X'];
  const held = permissions.map((permission) => {
    const cells = predefinedRoles.map((role, index) => (role.permissions.includes(permission) ? letters[index] : '.'));
    return `${permission.padEnd(21)}${cells.join(' ')}`;
  });
  assert.equal(permissions.length, 34);
  assert.equal(`\n${held.join('\n')}`, matrix);
});

test('the predefined roles are the six of the outside surface', () => {
  assert.deepEqual(
    predefinedRoles.map(({ code }) => code),
    [
      'key_account_manager',
      'trade_marketing_manager',
      'finance_controller',
      'data_analyst',
      'auditor',
      'administrator',
    ],
  );
});

test('several roles permit the union, and a custom role nothing that is not one of the 34', () => {
  const union = permissionsOf(['auditor', 'nonsense'], ['promotions:approve', 'everything:do']);
  assert.ok(union.has('audit:read'));
  assert.ok(union.has('promotions:approve'));
  assert.ok(!union.has('everything:do'));
  assert.ok(!union.has('funds:write'));
});

test('who is given no limit may approve what the highest of their roles may, and others nothing', () => {
  const limits = [
    ['key_account_manager'],
    ['director', 'key_account_manager'],
    ['trade_marketing_manager'],
    ['finance_controller', 'auditor'],
    ['executive', 'finance_controller'],
    ['legal', 'administrator'],
  ].map(defaultApprovalLimit);
  assert.deepEqual(limits, ['10000', '50000', '100000', '200000', null, '0']);
});
