export { alertsChannel } from './alerts-channel.ts';
export type { AnyChannel, Channel, EventRule, Measure } from './channel.ts';
export { countEventsToday, type EventsWanted } from './event-history.ts';
export type { Limits } from './limits.ts';
export type { Change } from './protocol.ts';
export { createRealtime, type Realtime, type RealtimeParts, socketPath } from './realtime.ts';
