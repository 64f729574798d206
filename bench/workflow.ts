/** Speed of the workflow engine at three sizes each: `npm run bench:workflow` (settings: bench/measure-parts.ts). */
import { measureParts } from './measure-parts.ts';
import { part as approvals } from './workflow/approvals.ts';
import { part as completeTask } from './workflow/complete-task.ts';
import { part as dbos } from './workflow/dbos.ts';
import { part as decisionTable } from './workflow/decision-table.ts';
import { part as metrics } from './workflow/metrics.ts';
import { part as replay } from './workflow/replay.ts';
import { part as timers } from './workflow/timers.ts';

await measureParts([approvals, dbos, completeTask, decisionTable, replay, metrics, timers], '2026-06-01T00:00:00Z');
