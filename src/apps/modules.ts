import { fileURLToPath } from 'node:url';
import { accountPlansModule } from '#account-plans';
import { figuresModule } from '#figure';
import { budgetAllocation, fundAvailable, fundsModule, transferApproval } from '#funds';
import { httpData } from '#http';
import { invariantsModule } from '#invariants';
import { customerOnboarding, inCurrency, masterDataModule } from '#master-data';
import type { Module } from '#module';
import { performanceModule } from '#performance';
import { promotionDecisions, promotionProcesses, promotionsModule } from '#promotions';
import { teachScope } from '#scope';
import {
  auditModule,
  complianceModule,
  controlRegister,
  detectionModule,
  managerOf,
  privacyModule,
  readTestRecord,
  teachDuties,
  teachPersonalData,
} from '#security';
import { settlementModule } from '#settlement';
import { searchModule } from '#subjects';
import { termsModule } from '#terms';
import { addComment, commentsModule, workflowModule } from '#workflow';
import { accountPlanPorts } from './account-plan-ports.ts';
import { imports } from './imports.ts';
import { promotionPorts } from './promotion-ports.ts';
import { settlementPorts } from './settlement-ports.ts';
import { termsPorts } from './terms-ports.ts';

const business: readonly Module[] = [
  auditModule,
  workflowModule([...promotionProcesses(promotionPorts), transferApproval, budgetAllocation, customerOnboarding], {
    decisions: promotionDecisions,
    effects: { 'add-comment': addComment, 'fund-available': fundAvailable },
    managerOf,
    inCurrency,
  }),
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

teachDuties(business.flatMap((module) => module.duties ?? []));
teachPersonalData([...business.flatMap((module) => module.personalData ?? []), ...httpData]);
teachScope(business.flatMap((module) => module.scope ?? []));

const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Where what the named tests are about lies, with the tests: a record of other sources proves nothing. */
export const testedFolders: readonly string[] = [pathOf('src')];

/** What runs of the named tests found where this product runs, if they ran. */
export const testRecord = readTestRecord(pathOf('compliance-tests.json'), testedFolders);

/** What auditors are shown. */
export const controls = controlRegister(
  business.flatMap((module) => module.controls ?? []),
  invariants,
);

/** Every module of the house that registers something; security and realtime are put together with the process. */
export const modules: readonly Module[] = [
  ...business,
  invariantsModule(invariants),
  complianceModule(controls, testRecord),
  privacyModule,
  detectionModule(business.flatMap((module) => module.watched ?? [])),
  figuresModule(cells),
  searchModule(subjects),
  commentsModule(subjects),
];
