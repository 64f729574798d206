import type { Module } from '#module';
import { breachTimer, remindOfBreach } from './breaches.ts';

/** What privacy registers with the house beside its routes: the clock of breaches. */
export const privacyModule: Module = { name: 'privacy', timers: { [breachTimer]: remindOfBreach } };
