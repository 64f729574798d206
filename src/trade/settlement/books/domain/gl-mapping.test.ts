import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanics } from '#performance';
import { type GlMappingLine, glResolver, houseGlMapping, requireDistinct } from './gl-mapping.ts';
import { journalMovements, movementLines } from './journal.ts';

const one = { minor: 100n, currency: 'USD' };
const subject = { customerId: 'store', promotionId: 'p', tacticId: 't' };
const path = ['store', 'division', 'banner'];
const line = (of: Partial<GlMappingLine>): GlMappingLine => ({
  ...{ movement: 'accrue', mechanic: null, customerId: null, debitAccount: 'D', creditAccount: 'C', costCentre: null },
  ...of,
});

test('the mapping of the house names an account for every movement of every mechanic, and tells mechanics apart', () => {
  const resolve = glResolver(houseGlMapping);
  for (const mechanic of mechanics) {
    for (const movement of journalMovements) {
      for (const each of movementLines({ ...subject, mechanic }, movement, one)) {
        assert.match(resolve(each, path).glAccount, /^\d{4}$/, `${movement} ${mechanic}`);
      }
    }
  }
  const [debit] = movementLines({ ...subject, mechanic: 'slotting' }, 'accrue', one);
  assert.equal(debit && resolve(debit, path).glAccount, '4950');
  requireDistinct(houseGlMapping.lines);
});

test('the nearest customer goes before the mechanic, and both before what serves all', () => {
  const accountOf = (lines: readonly GlMappingLine[], mechanic: string) => {
    const [debit] = movementLines({ ...subject, mechanic }, 'accrue', one);
    assert.ok(debit);
    return glResolver({ number: 1, validFrom: '2026-01-01', lines })(debit, path).glAccount;
  };
  const lines = [
    line({ debitAccount: 'all' }),
    line({ debitAccount: 'scan', mechanic: 'scan_back' }),
    line({ debitAccount: 'banner', customerId: 'banner' }),
    line({ debitAccount: 'banner-scan', customerId: 'banner', mechanic: 'scan_back' }),
  ];
  assert.equal(accountOf(lines.slice(0, 1), 'scan_back'), 'all');
  assert.equal(accountOf(lines.slice(0, 2), 'scan_back'), 'scan');
  assert.equal(accountOf(lines.slice(0, 2), 'display'), 'all');
  assert.equal(accountOf(lines.slice(0, 3), 'scan_back'), 'banner');
  assert.equal(accountOf(lines, 'scan_back'), 'banner-scan');
  assert.equal(accountOf([...lines, line({ debitAccount: 'store', customerId: 'store' })], 'scan_back'), 'store');
});

test('a movement the other way round keeps its accounts, and one without a line is refused by name', () => {
  const resolve = glResolver({
    number: 3,
    validFrom: '2026-01-01',
    lines: [line({ debitAccount: '4', creditAccount: '2' })],
  });
  const back = movementLines({ ...subject, mechanic: 'display' }, 'accrue', { ...one, minor: -100n });
  assert.deepEqual(
    back.map((each) => `${each.side} ${resolve(each, path).glAccount}`),
    ['debit 2', 'credit 4'],
  );
  const [write] = movementLines(subject, 'write_off', one);
  assert.ok(write);
  assert.throws(() => resolve(write, path), {
    code: 'gl_mapping.missing',
    message: /Mapping 3 names no account for write_off/,
  });
});
