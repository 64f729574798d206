export { emit, type NewEvent, type StoredEvent } from './event.ts';
export { EventLog, type EventLogParts, type LogPosition, type Subscription } from './event-log.ts';
export { armTimer, disarmTimers, type Timer, type TimerHandler, TimerLoop } from './timers.ts';
