/** Bounds on what sockets may take from this process; each has its reason. */
export interface Limits {
  /** Sockets of one tenant in this process: a company's whole commercial staff with two tabs each. */
  socketsPerTenant: number;
  /** Sockets of one person: tabs, a wall screen, a script. */
  socketsPerActor: number;
  /** Sockets that have not signed in yet: strangers hold little memory. */
  strangers: number;
  subscriptionsPerSocket: number;
  /** Largest client frame: a subscription is far smaller. */
  frameBytes: number;
  /** Client frames waiting for an earlier one of the same socket to be answered. */
  waitingFrames: number;
  /** Client frames a second. */
  framesPerSecond: number;
  /** A socket gets no more while so much of what was sent waits in this process. */
  highWaterBytes: number;
  /** Frames waiting for one subscription; beyond, its queue is dropped and the client told (`gap`). */
  waitingPerSubscription: number;
  /** Answers waiting for a client that does not read: beyond, the socket is ended. */
  waitingAnswers: number;
  /** Events looked through for a resume; below `waitingPerSubscription`, so that a replay fits the queue. */
  replayEvents: number;
  /** Time to sign in (api.md: 5 s). */
  signInMs: number;
  /** How often the rights of every open socket are asked again. */
  recheckMs: number;
  /** Rechecks that may fail for want of the database before a socket is ended: rights unknown are no rights. */
  failedRechecks: number;
  /** A socket that shows no life for two of these is ended. */
  heartbeatMs: number;
  /** Shortest time between two reads of a channel's measures for one tenant: bursts become one read. */
  measurePauseMs: number;
  /** Before a failed read of measures is tried again. */
  measureRetryMs: number;
  /** How long a resume waits for this process to read as far as another one has. */
  reachMs: number;
  /** Sockets are cut off so long after `bye` when the server drains. */
  drainMs: number;
}

/** The limits of the house. */
export const defaultLimits: Limits = {
  socketsPerTenant: 2_000,
  socketsPerActor: 20,
  strangers: 256,
  subscriptionsPerSocket: 20,
  frameBytes: 64 << 10,
  waitingFrames: 64,
  framesPerSecond: 100,
  highWaterBytes: 256 << 10,
  waitingPerSubscription: 2_000,
  waitingAnswers: 512,
  replayEvents: 1_000,
  signInMs: 5_000,
  recheckMs: 3_000,
  failedRechecks: 5,
  heartbeatMs: 15_000,
  measurePauseMs: 50,
  measureRetryMs: 1_000,
  reachMs: 1_000,
  drainMs: 1_000,
};
