import type { RandomStream } from '../../random.ts';
import { earlierDays, scoredDays } from '../log.ts';
import type { PlayAttack, Played, Stage } from '../stage.ts';
import { approvalRing } from './approval-ring.ts';
import { bruteForce } from './brute-force.ts';
import { dormantAccount } from './dormant-account.ts';
import { factorRemoved } from './factor-removed.ts';
import { keyTheft } from './key-theft.ts';
import { massExport } from './mass-export.ts';
import { offHoursSettlement } from './off-hours-settlement.ts';
import { passwordSpraying } from './password-spraying.ts';
import { probing } from './probing.ts';
import { reroutedMoney } from './rerouted-money.ts';
import { rightByProxy } from './right-by-proxy.ts';
import { takeover } from './takeover.ts';
import { thresholdSplitting } from './threshold-splitting.ts';
import { tokenReplay } from './token-replay.ts';

/** How often each kind is injected, and the days that its longest course takes. */
const attackKinds: Readonly<Record<string, readonly [times: number, days: number, play: PlayAttack]>> = {
  'approval-ring': [10, 16, approvalRing],
  'brute-force': [18, 3, bruteForce],
  'password-spraying': [16, 3, passwordSpraying],
  takeover: [22, 2, takeover],
  'token-replay': [16, 2, tokenReplay],
  'dormant-account': [14, 2, dormantAccount],
  'right-by-proxy': [14, 3, rightByProxy],
  'mass-export': [18, 8, massExport],
  'off-hours-settlement': [14, 7, offHoursSettlement],
  'threshold-splitting': [14, 6, thresholdSplitting],
  'factor-removed': [12, 2, factorRemoved],
  'key-theft': [12, 3, keyTheft],
  probing: [10, 7, probing],
  'rerouted-money': [10, 4, reroutedMoney],
};

/** Decides which kinds begin on which of the days that count: 200 in all, on working days. */
export function planAttacks(random: RandomStream): Map<number, string[]> {
  const plan = new Map<number, string[]>();
  for (const [kind, [times, days]] of Object.entries(attackKinds)) {
    for (let n = 0; n < times; ) {
      const dayNumber = earlierDays + random.whole(0, scoredDays - days);
      if (dayNumber % 7 >= 5) continue;
      plan.set(dayNumber, [...(plan.get(dayNumber) ?? []), kind]);
      n += 1;
    }
  }
  return plan;
}

/** Injects attacks of these kinds into a day. Throws where there is nobody left for whom one fits. */
export function injectAttacks(stage: Stage, kinds: readonly string[]): void {
  for (const kind of kinds) {
    let played: Played | null = null;
    for (let tried = 0; !played && tried < 200; tried++) played = attackKinds[kind]?.[2](stage) ?? null;
    if (!played) throw new Error(`nobody is left for an attack of the kind ${kind}`);
    stage.log.attacks.push({ kind, ...played });
  }
}
