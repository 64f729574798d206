import { sql, type Tx } from '#db';
import { genuineEntries } from './genuine-entries.ts';
import { parseCheckpoint, parseNote, verifyNote } from './signed-note.ts';
import { ownSigningKeys } from './signing-keys.ts';

/** A stretch of time. */
export interface Stretch {
  from: Date;
  to: Date;
}

/** A house in use signs something every second; without anything signed for longer, the clock may only have been set. */
const longestStepMs = 45 * 24 * 60 * 60_000;

/** Stretches longer than the longest step between two instants at which something was signed. */
export function jumpsIn(from: Date, now: Date, signed: readonly Date[]): Stretch[] {
  const inside = signed.filter((at) => at > from && at < now).sort((a, b) => a.getTime() - b.getTime());
  const points = [from, ...inside, now];
  return points
    .slice(1)
    .map((to, n) => ({ from: points[n] ?? from, to }))
    .filter((one) => lengthMs(one) > longestStepMs);
}

const lengthMs = ({ from, to }: Stretch): number => Math.max(0, to.getTime() - from.getTime());

/** The part of a jump that nobody has confirmed, in milliseconds; 0 where what is left is no jump any more. */
export function unconfirmedMs(jump: Stretch, confirmed: readonly Stretch[]): number {
  const overlap = ({ from, to }: Stretch) =>
    lengthMs({ from: from > jump.from ? from : jump.from, to: to < jump.to ? to : jump.to });
  const left = lengthMs(jump) - Math.max(0, ...confirmed.map(overlap));
  return left > longestStepMs ? left : 0;
}

/**
 * How long the house has lived from an instant until now, in milliseconds: the clock's difference less the jumps that
 * nobody has confirmed.
 */
export function livedMs(from: Date, now: Date, signed: readonly Date[], confirmed: readonly Stretch[]): number {
  const jumped = jumpsIn(from, now, signed).reduce((sum, jump) => sum + unconfirmedMs(jump, confirmed), 0);
  return now.getTime() - from.getTime() - jumped;
}

/** An instant of each day after `since` at which a checkpoint of any tenant was signed, by its signed text. */
export async function signedInstants(tx: Tx, secretKey: string, since: Date): Promise<Date[]> {
  const keys = await ownSigningKeys(tx, secretKey);
  const rows = await tx.many<{ note: string }>(sql`select distinct on (date_trunc('day', at)) note from audit.checkpoint
    where at > ${since} order by date_trunc('day', at), at`);
  return rows.flatMap(({ note }) => {
    const parsed = parseNote(note);
    const said = parsed && parseCheckpoint(parsed.text);
    return said && keys.some((key) => verifyNote(parsed, key)) ? [new Date(said.at)] : [];
  });
}

/** The stretches of time that somebody has confirmed for a tenant's trail. */
export async function confirmedStretches(tx: Tx, secretKey: string, tenantId: string): Promise<Stretch[]> {
  const { entries } = await genuineEntries(tx, secretKey, tenantId, { type: 'audit', ids: ['time'] });
  return entries
    .filter(({ action }) => action === 'audit.time_confirmed')
    .map(({ after }) => JSON.parse(after ?? '{}') as { from: string; to: string })
    .map(({ from, to }) => ({ from: new Date(from), to: new Date(to) }));
}
