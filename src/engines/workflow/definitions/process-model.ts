/**
 * A process as data: the executable part of BPMN 2.0 as plain JSON. It is what is stored, hashed, published and run; BPMN
 * XML is read into it and written from it. Element names in comments are those of the BPMN 2.0.2 specification (OMG
 * formal/2013-12-09).
 */
export interface ProcessModel {
  /** Stable name; the versions of one process share it. Lower case, digits and `-`. */
  code: string;
  title: string;
  variables: readonly VariableDeclaration[];
  body: Body;
  /** Where things stand when it is drawn; not part of what the process does, so not of its content hash. */
  diagram?: Diagram;
  /** The BPMN file that it was read from: holds what the model does not, and gives it back on export. Not of the hash. */
  source?: string;
  /** What of the file's process the model does not hold; while one of them blocks, it is not published. Not of the hash. */
  unsupported?: readonly Unsupported[];
}

/** Something in a BPMN file that is not executed as it stands there; export gives it back. */
export interface Unsupported {
  /** `bpmn:ComplexGateway`. */
  element: string;
  id: string | null;
  name: string | null;
  why: string;
  /** Leaving it out would change what the process does. */
  blocks: boolean;
}

/** A FEEL expression (DMN 1.3+); the variables of the instance are its names. */
export type Feel = string;

export const variableTypes = [
  'string',
  'number',
  'boolean',
  'date',
  'date-time',
  'duration',
  'money',
  'list',
  'context',
] as const;
export type VariableType = (typeof variableTypes)[number];

/** A variable of a process; what is not declared is refused. */
export interface VariableDeclaration {
  name: string;
  type: VariableType;
  /** Must be given at the start. */
  required?: boolean;
  /** FEEL unary tests that a value must meet, `[0..100]`. */
  allowed?: Feel;
}

/** What a process or an embedded sub-process is made of. */
export interface Body {
  nodes: readonly ProcessNode[];
  flows: readonly Flow[];
}

/** A sequence flow; a condition only behind exclusive and inclusive gateways. */
export interface Flow {
  id: string;
  from: string;
  to: string;
  name?: string;
  condition?: Feel;
}

interface Named {
  /** Unique in the whole model, sub-processes included. */
  id: string;
  name?: string;
}

/** An activity that runs once for each element of a list. */
export interface MultiInstance {
  sequential: boolean;
  /** FEEL: the list. */
  over: Feel;
  /** The variable that holds the element, local to each run. */
  as: string;
  /** FEEL, asked after each run but the last: true ends the rest. `completed`, `remaining` and `total` are names beside the variables. */
  until?: Feel;
  /** The variable that takes a list of what each run gives, in the order of the elements; null for runs that were ended. */
  collect?: { into: string; value: Feel };
}

/** When a timer fires: at a date-time, after a duration, or again and again (ISO 8601, or FEEL after `=`). */
export type TimerRule = ({ at: string } | { after: string } | { every: string }) & {
  /** Code of the business calendar that durations are counted in; absent: plain time. */
  calendar?: string;
};

export type CatchEvent =
  | { type: 'timer'; timer: TimerRule }
  | { type: 'message'; message: string /** FEEL: which of many waits for it. */; correlate?: Feel }
  | { type: 'signal'; signal: string };

export type ThrowEvent =
  | { type: 'message'; message: string; correlate?: Feel; content?: Readonly<Record<string, Feel>> }
  | { type: 'signal'; signal: string }
  | { type: 'escalation'; code: string };

export type EndEvent = ThrowEvent | { type: 'terminate' } | { type: 'error'; code: string };

/** What ends or accompanies an activity from its edge; an error always interrupts, and without a code catches every one. */
export type BoundaryEvent = CatchEvent | { type: 'error'; code?: string } | { type: 'escalation'; code?: string };

/** Who may take a task. */
export interface CandidateRule {
  /** Holders of a permission … */
  permission?: string;
  /** … narrowed to, or taken from, roles (groups) … */
  roles?: readonly string[];
  /** … people, by FEEL that gives an id or a list of ids … */
  people?: Feel;
  /** … the manager of the person that FEEL names, so many levels up … */
  managerOf?: { person: Feel; levels?: number };
  /** … whose personal limit covers the money in this variable. */
  limitCovers?: string;
  /** None who took one of these tasks of the instance (four eyes); makers of the subject are never candidates. */
  notActorOf?: readonly string[];
  /** Who may take it where too few meet all of this: a role that nobody holds here, a limit that is too low. */
  otherwise?: CandidateRule;
}

/** How several people decide one task together. */
export interface Vote {
  /** So many people are asked; absent: every candidate. */
  seats?: number;
  /** Approvals needed: a count, a share of the seats (0…1], or everybody. */
  needs: { count: number } | { share: number } | 'consensus';
  /** One rejection decides against it. */
  veto?: boolean;
  /** The outcome is told as soon as no further vote can change it (true unless said otherwise). */
  stopsEarly?: boolean;
  /** The outcome where too few can be asked or time runs out. */
  fallback?: string;
}

/** What happens to a task that waits: at a moment counted from its start. */
export interface Escalation {
  after: TimerRule;
  does:
    | { type: 'remind' }
    | { type: 'reassign'; candidates: CandidateRule }
    | { type: 'complete'; outcome: string }
    | { type: 'escalate'; code: string };
}

export interface UserTask extends Named {
  kind: 'user';
  candidates: CandidateRule;
  /** What may be decided; the variable `<id>.outcome` tells it afterwards. */
  outcomes: readonly string[];
  vote?: Vote;
  due?: TimerRule;
  escalations?: readonly Escalation[];
  /** Variables that whoever decides may set. */
  form?: readonly { variable: string; label: string; required?: boolean }[];
  multi?: MultiInstance;
}

/** Does something inside the transaction: an effect that a module registered. */
export interface ServiceTask extends Named {
  kind: 'service';
  effect: string;
  input?: Readonly<Record<string, Feel>>;
  /** The variable that takes its answer. */
  result?: string;
  multi?: MultiInstance;
}

/** Evaluates a decision (DMN); there are no scripts. */
export interface BusinessRuleTask extends Named {
  kind: 'business-rule';
  decision: string;
  input?: Readonly<Record<string, Feel>>;
  result: string;
  multi?: MultiInstance;
}

/** Sends a message: through the outbox, once. */
export interface SendTask extends Named {
  kind: 'send';
  message: string;
  content?: Readonly<Record<string, Feel>>;
  multi?: MultiInstance;
}

export interface SubProcess extends Named {
  kind: 'sub-process';
  body: Body;
  multi?: MultiInstance;
}

/** Runs another published process and waits for its end. */
export interface CallActivity extends Named {
  kind: 'call';
  process: string;
  input?: Readonly<Record<string, Feel>>;
  /** Variables here, by FEEL over the called instance's variables. */
  output?: Readonly<Record<string, Feel>>;
  multi?: MultiInstance;
}

export type Activity = UserTask | ServiceTask | BusinessRuleTask | SendTask | SubProcess | CallActivity;

export interface StartNode extends Named {
  kind: 'start';
  event?: CatchEvent;
}

export interface EndNode extends Named {
  kind: 'end';
  /** What came of the instance, where it ends here: `approved`. */
  outcome?: string;
  event?: EndEvent;
}

/** `event`: takes the flow whose catching event comes first. */
export interface Gateway extends Named {
  kind: 'exclusive' | 'inclusive' | 'parallel' | 'event';
  /** The flow taken where no condition holds. */
  default?: string;
}

export interface CatchNode extends Named {
  kind: 'catch';
  event: CatchEvent;
}

export interface ThrowNode extends Named {
  kind: 'throw';
  event?: ThrowEvent;
}

export interface BoundaryNode extends Named {
  kind: 'boundary';
  attachedTo: string;
  interrupting: boolean;
  event: BoundaryEvent;
}

export type ProcessNode = Activity | StartNode | EndNode | Gateway | CatchNode | ThrowNode | BoundaryNode;

/** Positions in pixels, by id of node or flow. */
export interface Diagram {
  shapes: Readonly<Record<string, { x: number; y: number; width: number; height: number; expanded?: boolean }>>;
  edges: Readonly<Record<string, readonly { x: number; y: number }[]>>;
}
