import type { EntryKind, FundAccount } from './fund.ts';

/** What a tactic holds of a fund, in minor units; `earned` and `paid` are cumulative. */
export interface HeldMoney {
  planned: bigint;
  reserved: bigint;
  committed: bigint;
  earned: bigint;
  paid: bigint;
}

/** A movement within a fund that a change of a hold takes; `minor` is above zero. */
export interface HoldMove {
  kind: EntryKind;
  from: FundAccount;
  to: FundAccount;
  minor: bigint;
}

/** The larger of two amounts; `Math.max` does not take them. */
export function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** The smaller of two amounts. */
export function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** What a tactic takes of a fund's Available: max(Reserved + Committed, Earned). */
export function heldMinor(hold: HeldMoney): bigint {
  return larger(hold.reserved + hold.committed, hold.earned);
}

/** Money moves one way or, where `minor` is below zero, the other. */
function move(kind: EntryKind, from: FundAccount, to: FundAccount, minor: bigint): HoldMove[] {
  if (minor === 0n) return [];
  return minor > 0n ? [{ kind, from, to, minor }] : [{ kind, from: to, to: from, minor: -minor }];
}

/**
 * What stands on the account `committed`: the commitment less what was earned of it. Earnings use up the commitment, then
 * the reservation of an amendment (below zero until that is decided), and only then Available.
 */
const committedMinor = (hold: HeldMoney): bigint => larger(hold.committed - hold.earned, -hold.reserved);

/** What is earned comes out of the commitment, or out of Available as far as the commitment does not hold it. */
function earnMoves(earned: bigint, drawn: bigint): HoldMove[] {
  // Both at once are one movement, so that the ledger reads as it happened.
  const direct = earned > 0n ? larger(0n, smaller(earned, drawn)) : smaller(0n, larger(earned, drawn));
  return [
    ...move('earn', 'available', 'earned', direct),
    ...move('earn', 'committed', 'earned', earned - direct),
    ...move('earn', 'available', 'committed', drawn - direct),
  ];
}

/**
 * The movements that take a tactic's hold from one state to another. In every state they leave the fund's accounts such
 * that the account `available` has lost exactly {@link heldMinor}.
 */
export function movesBetween(before: HeldMoney, after: HeldMoney): HoldMove[] {
  const reserved = after.reserved - before.reserved;
  const committed = after.committed - before.committed;
  // A commitment comes out of the reservation as far as both move.
  const approved = reserved < 0n && committed > 0n ? smaller(-reserved, committed) : 0n;
  const moves = [
    ...move('plan', 'outside', 'planned', after.planned - before.planned),
    ...move('commit', 'reserved', 'committed', approved),
    ...(reserved > 0n
      ? move('reserve', 'available', 'reserved', reserved)
      : move('release', 'reserved', 'available', -reserved - approved)),
    ...(committed > 0n
      ? move('commit', 'available', 'committed', committed - approved)
      : move('release', 'committed', 'available', -committed)),
  ];
  const drawn = committedMinor(after) - committedMinor(before) + (after.earned - before.earned) - committed;
  return [
    ...moves,
    ...earnMoves(after.earned - before.earned, drawn),
    ...move('pay', 'earned', 'paid', after.paid - before.paid),
  ];
}
