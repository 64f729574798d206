import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HeldMoney, heldMinor, movesBetween } from './hold.ts';

const nothing: HeldMoney = { planned: 0n, reserved: 0n, committed: 0n, earned: 0n, paid: 0n };
const amounts = fc.bigInt({ min: 0n, max: 50n });
const holds: fc.Arbitrary<HeldMoney> = fc.record({
  planned: amounts,
  reserved: amounts,
  committed: amounts,
  earned: amounts,
  paid: amounts,
});

function ledgerOf(states: readonly HeldMoney[]) {
  const accounts: Record<string, bigint> = {};
  const columns: Record<string, bigint> = { reserved: 0n, committed: 0n, earned: 0n };
  const put = (account: string, kind: string, minor: bigint) => {
    accounts[account] = (accounts[account] ?? 0n) + minor;
    if (account === 'reserved') columns.reserved = (columns.reserved ?? 0n) + minor;
    if (account === 'committed' && kind !== 'earn') columns.committed = (columns.committed ?? 0n) + minor;
    if (account === 'earned' && kind === 'earn') columns.earned = (columns.earned ?? 0n) + minor;
  };
  let before = nothing;
  for (const after of states) {
    for (const { kind, from, to, minor } of movesBetween(before, after)) {
      assert.ok(minor > 0n && from !== to, `${kind} moves ${minor} from ${from} to ${to}`);
      put(from, kind, -minor);
      put(to, kind, minor);
    }
    before = after;
  }
  return { accounts, columns };
}

test('whatever states a hold goes through, Available has lost max(Reserved + Committed, Earned) and each column says its own', () => {
  fc.assert(
    fc.property(fc.array(holds, { minLength: 1, maxLength: 8 }), (states) => {
      const { accounts, columns } = ledgerOf(states);
      const last = states.at(-1) ?? nothing;
      assert.equal(-(accounts.available ?? 0n), heldMinor(last));
      assert.deepEqual(columns, { reserved: last.reserved, committed: last.committed, earned: last.earned });
      assert.equal(accounts.paid ?? 0n, last.paid);
      assert.equal(accounts.planned ?? 0n, last.planned);
    }),
  );
});

test('approval is one movement from reserved to committed, and earning beyond the commitment one from available', () => {
  const reserved = { ...nothing, reserved: 100n };
  const committed = { ...nothing, committed: 100n };
  assert.deepEqual(movesBetween(reserved, committed), [
    { kind: 'commit', from: 'reserved', to: 'committed', minor: 100n },
  ]);
  assert.deepEqual(movesBetween(committed, { ...committed, earned: 130n }), [
    { kind: 'earn', from: 'available', to: 'earned', minor: 30n },
    { kind: 'earn', from: 'committed', to: 'earned', minor: 100n },
  ]);
});
