import { accountPlansModule } from '#account-plans';
import { figuresModule } from '#figure';
import { fundsModule, transferApproval } from '#funds';
import { invariantsModule } from '#invariants';
import { masterDataModule } from '#master-data';
import type { Module } from '#module';
import { performanceModule } from '#performance';
import { promotionProcesses, promotionsModule } from '#promotions';
import { settlementModule } from '#settlement';
import { searchModule } from '#subjects';
import { termsModule } from '#terms';
import { commentsModule, workflowModule } from '#workflow';
import { accountPlanPorts } from './account-plan-ports.ts';
import { imports } from './imports.ts';
import { promotionPorts } from './promotion-ports.ts';
import { settlementPorts } from './settlement-ports.ts';
import { termsPorts } from './terms-ports.ts';

const business: readonly Module[] = [
  workflowModule([...promotionProcesses(promotionPorts), transferApproval]),
  masterDataModule,
  imports.module,
  termsModule(termsPorts),
  performanceModule,
  fundsModule,
  promotionsModule(promotionPorts),
  settlementModule(settlementPorts),
  accountPlansModule(accountPlanPorts),
];

/** What the house checks over and over. */
export const invariants = business.flatMap((module) => module.invariants ?? []);

const cells = Object.assign({}, ...business.map((module) => module.cells ?? {}));

const subjects = business.flatMap((module) => module.subjects ?? []);

/** Every module of the house that registers something; security and realtime are put together with the process. */
export const modules: readonly Module[] = [
  ...business,
  invariantsModule(invariants),
  figuresModule(cells),
  searchModule(subjects),
  commentsModule(subjects),
];
