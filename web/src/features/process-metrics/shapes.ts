/** Durations in milliseconds: the middle one, what nine of ten stay within, and their sum. */
export interface Spread {
  p50: number | null;
  p90: number | null;
  total: number;
}

/** How instances ended. */
export interface Ending {
  state: 'completed' | 'cancelled' | 'failed';
  outcome: string | null;
  count: number;
}

/** A process at a glance. */
export interface Glance {
  process: string;
  ended: number;
  running: number;
  cycleMs: Spread;
  endings: Ending[];
}

export interface StepFigures {
  step: string;
  opened: number;
  decided: number;
  withdrawn: number;
  late: number;
  cycleMs: Spread;
  waitingMs: Spread;
  workingMs: Spread;
  businessCycleMs: Spread;
  businessWaitingMs: Spread;
}

/** What waits at a step now. */
export interface Queue {
  step: string;
  open: number;
  taken: number;
  late: number;
  oldestAt: string;
  ageMs: Spread;
}

export interface ProcessMetrics {
  from: string;
  to: string;
  ended: number;
  instances: number;
  cycleMs: Spread;
  businessCycleMs: Spread;
  endings: Ending[];
  versions: { hash: string; version: number | null; instances: number }[];
  steps: StepFigures[];
  stepOutcomes: { step: string; outcome: string; count: number }[];
  load: { personId: string | null; decided: number; voted: number; late: number; cycleMs: Spread }[];
  queues: Queue[];
}

/** A way that instances took. */
export interface Way {
  key: string;
  steps: string[];
  length: number;
  ending: string;
  instances: number;
  cycleMs: Spread;
}

export interface Paths {
  ways: number;
  variants: Way[];
  follows: { from: string | null; to: string | null; count: number }[];
  repeats: { step: string; instances: number; extra: number }[];
  returns: { ending: string; step: string | null; instances: number; gapMs: Spread }[];
  rounds: { rounds: number; subjects: number }[];
}

/** An ended instance behind a figure. */
export interface EndedInstance {
  id: string;
  title: string;
  state: string;
  outcome: string | null;
  startedAt: string;
  endedAt: string;
}
