/** Speed of trade money at three sizes each: `npm run bench:trade` (settings: bench/measure-parts.ts). */
import { measureParts } from './measure-parts.ts';
import { part as accountPlan } from './trade/account-plan.ts';
import { part as accrualRun } from './trade/accrual-run.ts';
import { part as checkbook } from './trade/checkbook.ts';
import { part as matching } from './trade/matching.ts';

// The parts fill 2026 and look back on it.
await measureParts([accountPlan, accrualRun, matching, checkbook], '2026-12-15T12:00:00Z');
