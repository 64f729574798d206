import { fundsModule } from '#funds';
import { masterDataModule } from '#master-data';
import type { Module } from '#module';
import { performanceModule } from '#performance';
import { promotionApproval, promotionsModule } from '#promotions';
import { settlementModule } from '#settlement';
import { workflowModule } from '#workflow';
import { imports } from './imports.ts';
import { settlementPorts } from './settlement-ports.ts';

/** Every module of the house that registers something; security and realtime are put together with the process. */
export const modules: readonly Module[] = [
  workflowModule([promotionApproval]),
  masterDataModule,
  imports.module,
  performanceModule,
  fundsModule,
  promotionsModule,
  settlementModule(settlementPorts),
];
