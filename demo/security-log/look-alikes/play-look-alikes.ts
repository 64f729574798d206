import { isClosing } from '../ordinary-days.ts';
import type { PlayLookAlike, Stage } from '../stage.ts';
import * as sessions from './busy-sessions.ts';
import * as networks from './crowded-networks.ts';
import * as decisions from './decisions.ts';
import * as exports from './exports.ts';
import * as factors from './factors.ts';
import * as failing from './failing-sign-ins.ts';
import * as rights from './given-rights.ts';
import * as keys from './keys.ts';
import * as late from './late-work.ts';
import * as moving from './moving-people.ts';
import * as refusals from './refusals.ts';
import * as reroutes from './reroutes.ts';
import * as returning from './returning.ts';

/** How often each happens on a working day, on average. */
const perDay: readonly (readonly [number, PlayLookAlike])[] = [
  [2.5, failing.forgotten],
  [1.2, failing.storedPassword],
  [0.6, failing.forgottenAbroad],
  [0.7, networks.passwordPolicy],
  [0.25, networks.newWayOut],
  [0.5, networks.directoryDown],
  [0.5, networks.trainingRoom],
  [0.5, networks.conference],
  [0.4, networks.notYetInvited],
  [1.5, moving.traveller],
  [1, moving.newLaptop],
  [0.6, moving.movedHouse],
  [0.6, moving.newPhoneAbroad],
  [0.5, moving.borrowedMachine],
  [0.4, moving.resetOnTheWay],
  [1.5, sessions.restoredBrowser],
  [1, sessions.onATrain],
  [1.5, sessions.betweenNetworks],
  [0.8, sessions.browserUpdate],
  [1, returning.backFromLeave],
  [0.5, returning.looksIn],
  [0.6, rights.deputy],
  [0.4, rights.newJob],
  [0.1, rights.limitsReviewed],
  [0.4, rights.closingHelp],
  [1, exports.monthEnd],
  [1, exports.yearlyTalk],
  [0.5, exports.auditRequest],
  [1, exports.firstTime],
  [0.2, exports.reportsMove],
  [1, late.closingNight],
  [1, late.saturday],
  [1, late.longDay],
  [1.5, late.clearedInOneGo],
  [0.3, late.elsewhere],
  [0.8, decisions.smallRegion],
  [0.35, decisions.jointProgramme],
  [0.8, decisions.oneOffer],
  [0.8, decisions.customerPlan],
  [0.8, decisions.corrections],
  [0.6, decisions.weeklyFee],
  [1.8, factors.lostPhone],
  [0.7, factors.changedPhone],
  [0.4, keys.movedPlant],
  [0.4, keys.keyRanOut],
  [0.9, keys.newRelease],
  [0.6, keys.triedFromHome],
  [1, refusals.curious],
  [0.5, refusals.bookmark],
  [0.2, refusals.brokenMenu],
  [0.8, refusals.lostRights],
  [0.8, reroutes.customerChanged],
  [0.08, reroutes.banksMerge],
  [0.4, reroutes.bothInOneHand],
];

/** Plays what looks like an attack and is none on a working day; `count` hears of each. */
export function playLookAlikes(stage: Stage, count: (name: string) => void): void {
  if (stage.dayNumber % 7 >= 5) return;
  for (const [mean, play] of perDay) {
    const once = (play === exports.monthEnd || play === late.closingNight) && isClosing(stage.dayNumber);
    for (let n = once ? 1 : stage.random.poisson(mean); n > 0; n--) {
      play(stage);
      count(play.name);
    }
  }
}
