import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runClaimsAccuracy } from '../scripts/accuracy-claims.ts';
import { generateClaims } from './claims.ts';
import { claimableTactics, claimDifficulty } from './claims-world.ts';
import { demoDesk } from './desk-claims.ts';
import { openingBalances } from './opening-balances.ts';
import { simulateMaker } from './simulate-maker.ts';

const today = '2026-11-23';
const maker = simulateMaker({ seed: 3, today });
const parents = new Map(maker.customers.map(({ code, parentCode }) => [code, parentCode]));
const tactics = claimableTactics(maker);
const world = generateClaims(3, tactics, parents, today);

test('the same seed gives the same claims, another seed others', () => {
  assert.deepEqual(generateClaims(3, tactics, parents, today), world);
  assert.notDeepEqual(generateClaims(4, tactics, parents, today).claims, world.claims);
});

test('every claim is of a customer that exists, not from the future, and names tactics of its own retailer', () => {
  const rootOf = (code: string): string => {
    const parent = parents.get(code);
    return parent ? rootOf(parent) : code;
  };
  const byKey = new Map(world.tactics.map((tactic) => [tactic.key, tactic]));
  for (const { customerCode, truth, takenOn, amountMinor, taxMinor } of world.claims) {
    assert.ok(parents.has(customerCode) && takenOn <= today && amountMinor > 0 && taxMinor < amountMinor);
    for (const key of truth) assert.equal(rootOf(byKey.get(key)?.customerCode ?? ''), rootOf(customerCode));
  }
});

test('the claims are as difficult as they are said to be', () => {
  const worlds = [1, 2, 3, 4].map((seed) => generateClaims(seed, tactics, parents, today));
  const claims = worlds.flatMap((one) => one.claims);
  const owed = claims.filter(({ truth }) => truth.length > 0);
  const share = (kind: string) => owed.filter(({ difficulty }) => difficulty.includes(kind)).length / owed.length;
  const near = (kind: string, wanted: number) =>
    assert.ok(Math.abs(share(kind) - wanted) < 0.04, `${kind}: ${share(kind)} for ${wanted}`);
  near('exact_code', claimDifficulty.exactCode * (1 - claimDifficulty.wrongCode));
  near('slip', claimDifficulty.slip);
  near('number_only', claimDifficulty.numberOnly);
  near('words_only', claimDifficulty.wordsOnly);
  near('rounded', claimDifficulty.rounded);
  near('tax_on_top', claimDifficulty.taxOnTop);
  for (const kind of ['invalid', 'duplicate', 'post_audit', 'look_alike', 'across_promotions', 'several_tactics']) {
    assert.ok(
      claims.some(({ difficulty }) => difficulty.includes(kind)),
      kind,
    );
  }
});

test('suggestions for a seed of the tuning meet every target', () => {
  const { ok, lines } = runClaimsAccuracy([3]);
  assert.ok(ok, lines.join('\n'));
});

test('the demo’s desk is full on any day, of all difficulties, and for tactics that are still owed', () => {
  for (const day of ['2026-01-15', '2026-03-09', '2026-11-23']) {
    const onDay = simulateMaker({ seed: 20_260_601, today: day });
    const open = new Set(
      openingBalances(onDay)
        .filter(({ settledMinor }) => settledMinor === 0)
        .map(({ promotionCode, position }) => `${promotionCode}#${position}`),
    );
    const { deductions, claims } = demoDesk(onDay);
    assert.ok(deductions.length >= 60 && claims.length >= 25, `${day}: ${deductions.length} ${claims.length}`);
    const items = [...deductions, ...claims];
    for (const { truth } of items) for (const key of truth) assert.ok(open.has(key), key);
    const has = (kind: string) => items.filter(({ difficulty }) => difficulty.includes(kind)).length;
    for (const kind of ['exact_code', 'slip', 'words_only', 'partial', 'off_amount', 'look_alike', 'duplicate'])
      assert.ok(has(kind) > 0, `${day}: no ${kind}`);
    const owed = items.filter(({ truth }) => truth.length > 0).length;
    assert.ok(owed > items.length / 2, `${day}: most of it is owed`);
    assert.ok(has('exact_code') < 0.7 * owed, `${day}: an exact code alone does not do`);
  }
});
