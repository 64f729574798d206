import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { EarningTactic } from '#settlement';

/** What account plans ask of the modules that own promotions and their earnings; apps wires it. */
export interface AccountPlanPorts {
  /** Every approved tactic that began on or before a day, with the volumes that it earns on through that day. */
  readEarnings(tx: TenantTx<Context>, through: string): Promise<EarningTactic[]>;
}
