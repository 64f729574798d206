export { emit, type NewEvent, type StoredEvent } from './event.ts';
export { EventLog, type EventLogParts, type LogPosition, type Subscription } from './event-log.ts';
export { TimerLoop } from './timer-loop.ts';
export { type FailedTimer, listFailedTimers, retryTimer } from './timer-store.ts';
export { armTimer, disarmTimers, type Timer, type TimerHandler } from './timers.ts';
