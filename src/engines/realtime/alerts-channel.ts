import { z } from 'zod';
import type { Permission } from '#module';
import type { Channel, EventRule } from './channel.ts';

/** How many alerts a snapshot shows. */
const shown = 50;

/**
 * The `alerts` channel: events that ask for someone's attention, as `alerts_update`. Modules say which of their events
 * are alerts, and who may see each.
 */
export function alertsChannel(permission: Permission, alerts: readonly EventRule[]): Channel<Record<string, never>> {
  return {
    name: 'alerts',
    permission,
    filters: z.strictObject({}),
    events: alerts,
    eventFrame: 'alerts_update',
    recentEvents: shown,
    measures: {},
  };
}
