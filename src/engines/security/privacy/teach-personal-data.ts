import type { PersonalData } from '#module';
import { securityData } from './security-data.ts';

let taught: readonly PersonalData[] = [];

/** Tells the engine what the modules of the house hold about people. */
export function teachPersonalData(declared: readonly PersonalData[]): void {
  taught = declared;
}

/** What the house holds about people: sign-in first, then the modules in the order in which they were taught. */
export function personalDataOfHouse(): readonly PersonalData[] {
  return [...securityData, ...taught];
}
