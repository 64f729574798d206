import type { Control, Invariant, Module } from '#module';
import { complianceRoutes } from './compliance-routes.ts';
import { controlOfInvariant, dutyControls } from './derived-controls.ts';
import type { KnownTests } from './recorded-tests.ts';
import { securityControls } from './security-controls.ts';

/**
 * The register of controls: the security engine's own, those that modules declare, and what follows from their invariants and
 * conflicts of duties. Call it after the duties were taught.
 */
export function controlRegister(declared: readonly Control[], invariants: readonly Invariant[]): readonly Control[] {
  const register = [...securityControls, ...dutyControls(), ...declared, ...invariants.map(controlOfInvariant)];
  const codes = register.map(({ code }) => code);
  const twice = codes.find((code, i) => codes.indexOf(code) !== i);
  if (twice) throw new Error(`two controls are called ${twice}`);
  return register;
}

/** What compliance registers with the house. */
export function complianceModule(controls: readonly Control[], tests: KnownTests | undefined): Module {
  return { name: 'compliance', routes: complianceRoutes(controls, tests) };
}
