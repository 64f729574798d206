import type { Rule } from '../rule.ts';
import { approvalRing } from './approval-ring.ts';
import { breakGlass } from './break-glass.ts';
import { bruteForce } from './brute-force.ts';
import { dormantAccount } from './dormant-account.ts';
import { dutyExceptionOver } from './duty-exception-over.ts';
import { factorRemoved } from './factor-removed.ts';
import { keyAbuse } from './key-abuse.ts';
import { keyLeftBehind } from './key-left-behind.ts';
import { massExport } from './mass-export.ts';
import { oddHourSettlement } from './odd-hour-settlement.ts';
import { passwordSpraying } from './password-spraying.ts';
import { probing } from './probing.ts';
import { providerChanged } from './provider-changed.ts';
import { reroutedMoney } from './rerouted-money.ts';
import { rightByProxy } from './right-by-proxy.ts';
import { sealedValueDamaged } from './sealed-value-damaged.ts';
import { strangeSignIn } from './strange-sign-in.ts';
import { thresholdSplitting } from './threshold-splitting.ts';
import { tokenReplay } from './token-replay.ts';
import { trailDoubted } from './trail-doubted.ts';
import { unjudged } from './unjudged.ts';

/** Every detection rule. */
export const rules: readonly Rule[] = [
  bruteForce,
  passwordSpraying,
  strangeSignIn,
  tokenReplay,
  dormantAccount,
  rightByProxy,
  massExport,
  oddHourSettlement,
  approvalRing,
  thresholdSplitting,
  factorRemoved,
  keyAbuse,
  keyLeftBehind,
  probing,
  reroutedMoney,
  breakGlass,
  providerChanged,
  dutyExceptionOver,
  sealedValueDamaged,
  trailDoubted,
  unjudged,
];
