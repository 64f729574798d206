import { fundsHeld } from '#funds';
import { dashboardChannel } from '#promotions';
import { type AnyChannel, alertsChannel } from '#realtime';
import { termsChannel } from '#terms';

/** What clients of `/ws/analytics` may subscribe to, beside the engine's own `performance` channel. */
export const channels: readonly AnyChannel[] = [
  dashboardChannel({ fundsHeld }),
  termsChannel,
  alertsChannel('promotions:read', [
    { type: 'workflow.task.overdue' },
    { type: 'workflow.mail.failed', permission: 'workflows:design' },
    { type: 'events.timer.failed', permission: 'workflows:design' },
    { type: 'funds.fund.overdrawn', permission: 'funds:read' },
    { type: 'funds.true-up.refused', permission: 'funds:read' },
    { type: 'invariants.invariant', permission: 'monitoring:read' },
    { type: 'performance.model.failed', permission: 'analytics:read' },
    { type: 'security.break-glass', permission: 'users:manage' },
    { type: 'security.incident', permission: 'audit:read' },
  ]),
];
