import { fundsHeld } from '#funds';
import { dashboardChannel } from '#promotions';
import { type AnyChannel, alertsChannel } from '#realtime';

/** What clients of `/ws/analytics` may subscribe to, beside the engine's own `performance` channel. */
export const channels: readonly AnyChannel[] = [
  dashboardChannel({ fundsHeld }),
  alertsChannel('promotions:read', [
    { type: 'workflow.task.overdue' },
    { type: 'performance.model.failed', permission: 'analytics:read' },
  ]),
];
