/** A version of a process that administrators keep. */
export interface ProcessVersion {
  id: string;
  code: string;
  version: number;
  title: string;
  hash: string;
  state: 'draft' | 'published' | 'retired';
  madeAt: string;
  madeBy: string;
  publishedAt: string | null;
  retiredAt: string | null;
  /** When and who asks that it goes out of force, or a retired one into it again. */
  askedAt: string | null;
  askedBy: string | null;
}

/** A process that comes with the product. */
export interface ShippedProcess {
  code: string;
  title: string;
  bpmn: string;
  /** The version of one's own that is in force in its place. */
  ownId: string | null;
  /** Why records do not begin on that version. */
  misfit: string | null;
}

/** Something in a BPMN file that is not executed as it stands there. */
export interface Unsupported {
  element: string;
  id: string | null;
  name: string | null;
  why: string;
  /** It would change what happens, so the process is not published. */
  blocks: boolean;
}

/** What keeps a process from being published, with the way that shows it: ids of nodes and flows. */
export interface Finding {
  kind: string;
  elements: string[];
  path: string[];
  message: string;
}

/** A node of a process, as far as screens look into it. */
export interface ModelNode {
  id: string;
  kind: string;
  name?: string;
  /** Of a task: what may be decided, the approval first. */
  outcomes?: string[];
  /** Of a task: what whoever decides may set. */
  form?: { variable: string; label: string; required?: boolean }[];
  /** Of a sub-process. */
  body?: { nodes: ModelNode[] };
}

export interface VariableDeclaration {
  name: string;
  type: string;
  required?: boolean;
  allowed?: string;
}

export interface ProcessModel {
  code: string;
  title: string;
  variables: VariableDeclaration[];
  body: { nodes: ModelNode[] };
}

/** A version with its model and what is wrong with it. */
export interface ProcessDetail extends ProcessVersion {
  model: ProcessModel;
  unsupported: Unsupported[];
  findings: Finding[];
}

/** A running or ended process in a list. */
export interface InstanceRow {
  id: string;
  definition: string;
  subjectType: string;
  subjectId: string;
  title: string;
  state: 'running' | 'completed' | 'cancelled' | 'failed';
  outcome: string | null;
  step: string | null;
  startedAt: string;
  endedAt: string | null;
  parentInstanceId: string | null;
  /** How many of its incidents wait for an administrator. */
  incidents: number;
}

/** Why a task was opened and who may take it, as the engine keeps it. */
export interface Routing {
  step?: string;
  /** The FEEL condition of the way that led there. */
  when?: string | null;
  candidates?: {
    permission?: string;
    roles?: string[];
    people?: string;
    managerOf?: { person: string; levels?: number };
    limitCovers?: string;
    notActorOf?: string[];
  };
  variables?: Record<string, unknown>;
  /** Its time was over, and others were asked. */
  escalated?: boolean;
}

export interface InstanceTask {
  id: string;
  step: string;
  token: number | null;
  state: 'open' | 'claimed' | 'completed' | 'cancelled';
  assigneeId: string | null;
  dueAt: string;
  outcome: string | null;
  ballots: { personId: string; outcome: string }[];
  routing: Routing;
}

export interface InstanceIncident {
  id: string;
  token: number;
  node: string;
  message: string;
  raisedAt: string;
  resolvedAt: string | null;
  resolvedBy: string | null;
  note: string | null;
}

export interface Happened {
  at: string;
  what: string;
  node: string | null;
  personId: string | null;
  outcome: string | null;
  text: string | null;
}

/** A process with where it stands and what happened. */
export interface InstanceDetail extends Omit<InstanceRow, 'incidents'> {
  model: ProcessModel;
  variables: Record<string, unknown>;
  tokens: { token: number; node: string; rests: 'outside' | 'join' | 'incident' }[];
  waits: { token: number; event: string; kind: string; name: string | null }[];
  tasks: InstanceTask[];
  incidents: InstanceIncident[];
  history: Happened[];
}
