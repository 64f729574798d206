import type {
  Body,
  CandidateRule,
  Feel,
  MultiInstance,
  ProcessModel,
  ProcessNode,
  TimerRule,
  UserTask,
} from './process-model.ts';

/** Notes down mistakes of one model. */
export interface Checking {
  model: ProcessModel;
  /** Every node of the model by id. */
  nodes: ReadonlyMap<string, ProcessNode>;
  variables: ReadonlySet<string>;
  note(element: { id: string; name?: string } | null, message: string): void;
  feel(element: { id: string; name?: string }, what: string, expression: Feel, locals?: readonly string[]): void;
}

/** `"Legal check" (legal)`. */
export const nameOf = ({ id, name }: { id: string; name?: string }): string => (name ? `"${name}" (${id})` : `"${id}"`);

/** Notes what is wrong with one node, whatever stands around it. */
export function checkNode(checking: Checking, node: ProcessNode): void {
  const { note } = checking;
  if ('multi' in node && node.multi) checkMulti(checking, node, node.multi);
  const locals = 'multi' in node && node.multi ? [node.multi.as] : [];
  const each = (what: string, values: Readonly<Record<string, Feel>> = {}) => {
    for (const [name, value] of Object.entries(values)) checking.feel(node, `${what} "${name}"`, value, locals);
  };
  switch (node.kind) {
    case 'user':
      checkUserTask(checking, node, locals);
      break;
    case 'service':
      if (node.effect === '') note(node, 'names no effect');
      each('an input', node.input);
      checkVariable(checking, node, node.result);
      break;
    case 'business-rule':
      if (node.decision === '') note(node, 'names no decision');
      if (node.result === '') note(node, 'names no variable for its result');
      each('an input', node.input);
      checkVariable(checking, node, node.result || undefined);
      break;
    case 'send':
      if (node.message === '') note(node, 'names no message');
      each('a content', node.content);
      break;
    case 'call':
      if (node.process === '') note(node, 'names no process to call');
      each('an input', node.input);
      for (const name of Object.keys(node.output ?? {})) checkVariable(checking, node, name);
      break;
    case 'start':
    case 'end':
    case 'catch':
    case 'throw':
    case 'boundary':
      checkEvent(checking, node, each);
      break;
  }
}

function checkVariable({ note, variables }: Checking, node: ProcessNode, name: string | undefined): void {
  if (name !== undefined && !variables.has(name)) note(node, `sets the variable "${name}", which is not declared`);
}

function checkMulti(checking: Checking, node: ProcessNode, multi: MultiInstance): void {
  checkLocal(checking, node, multi.as);
  checking.feel(node, 'a list to repeat over', multi.over);
  if (multi.collect) {
    const { into } = multi.collect;
    checkVariable(checking, node, into);
    const twin = [...checking.nodes.values()].find((other) => 'multi' in other && other.multi?.collect?.into === into);
    if (twin && twin !== node) checking.note(node, `collects into "${into}", as ${nameOf(twin)} does`);
    checking.feel(node, 'a value to collect', multi.collect.value, [multi.as]);
  }
  if (multi.until !== undefined) {
    checking.feel(node, 'a condition to stop at', multi.until, [multi.as, 'completed', 'remaining', 'total']);
  }
}

/** Names that there are without a declaration. */
const takenNames = new Set(['currency', 'completed', 'remaining', 'total']);

/** What each run of a repeated activity calls its element hides nothing: no variable, no decision, no element around it. */
function checkLocal({ note, variables, nodes }: Checking, node: ProcessNode, as: string): void {
  if (variables.has(as)) note(node, `repeats over "${as}", which is a variable of the process`);
  if (nodes.get(as)?.kind === 'user')
    note(node, `repeats over "${as}", which is what ${nameOf(nodes.get(as)!)} decides`);
  if (takenNames.has(as)) note(node, `repeats over "${as}", which is a name of its own`);
  for (const around of nodes.values()) {
    if (around.kind !== 'sub-process' || around === node || around.multi?.as !== as) continue;
    if (holds(around.body, node)) note(node, `repeats over "${as}", as ${nameOf(around)} around it does`);
  }
}

const holds = ({ nodes }: Body, node: ProcessNode): boolean =>
  nodes.some((one) => one === node || (one.kind === 'sub-process' && holds(one.body, node)));

function checkEvent(
  checking: Checking,
  node: Extract<ProcessNode, { kind: 'start' | 'end' | 'catch' | 'throw' | 'boundary' }>,
  each: (what: string, values?: Readonly<Record<string, Feel>>) => void,
): void {
  const { note } = checking;
  const { event } = node;
  if (event?.type === 'timer') checkTimer(checking, node, 'a timer', event.timer);
  if (event?.type === 'message') {
    if (event.message === '') note(node, 'names no message');
    if (event.correlate !== undefined) checking.feel(node, 'a correlation', event.correlate);
    if ('content' in event) each('a content', event.content);
  }
  if (event?.type === 'signal' && event.signal === '') note(node, 'names no signal');
  if (node.kind !== 'boundary' && (event?.type === 'error' || event?.type === 'escalation') && !event.code) {
    note(node, `names no code of the ${event.type} that it throws`);
  }
}

const duration = /^P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** ISO 8601 as it stands, or FEEL behind `=`. */
function checkTimer(checking: Checking, node: ProcessNode, what: string, rule: TimerRule): void {
  const value = 'at' in rule ? rule.at : 'after' in rule ? rule.after : rule.every;
  if (value.startsWith('=')) {
    checking.feel(node, what, value.slice(1));
    return;
  }
  const every = value.replace(/^R\d*\//, '');
  const isRight = 'at' in rule ? dateTime.test(value) : duration.test('every' in rule ? every : value);
  if (!isRight) checking.note(node, `has ${what} that says "${value}": ISO 8601, or FEEL behind =`);
}

function checkUserTask(checking: Checking, node: UserTask, locals: readonly string[]): void {
  const { note } = checking;
  checkCandidates(checking, node, node.candidates, locals);
  if (node.outcomes.length === 0) note(node, 'has no outcome to decide for');
  if (new Set(node.outcomes).size < node.outcomes.length || node.outcomes.includes('')) {
    note(node, 'has an outcome without a name, or twice the same');
  }
  if (node.vote) checkVote(checking, node, node.vote);
  if (node.due) checkTimer(checking, node, 'a due time', node.due);
  for (const { after, does } of node.escalations ?? []) {
    checkTimer(checking, node, 'an escalation', after);
    if (does.type === 'reassign') checkCandidates(checking, node, does.candidates, locals);
    if (does.type === 'escalate' && does.code === '') note(node, 'has an escalation without a code');
    if (does.type === 'complete') checkOutcome(checking, node, does.outcome);
  }
  const fields = (node.form ?? []).map(({ variable }) => variable);
  for (const variable of fields) checkVariable(checking, node, variable);
  if (new Set(fields).size < fields.length) note(node, 'asks for one variable twice');
}

function checkOutcome({ note }: Checking, node: UserTask, outcome: string): void {
  if (!node.outcomes.includes(outcome)) note(node, `may end with "${outcome}", which is none of its outcomes`);
}

function checkVote(
  checking: Checking,
  node: UserTask,
  { needs, seats, fallback }: NonNullable<UserTask['vote']>,
): void {
  const { note } = checking;
  const isCount = (value: number) => Number.isInteger(value) && value >= 1;
  if (seats !== undefined && !isCount(seats)) note(node, `asks ${seats} people`);
  if (needs !== 'consensus' && 'count' in needs && !(isCount(needs.count) && needs.count <= (seats ?? needs.count))) {
    note(node, `needs ${needs.count} votes of ${seats ?? 'all'}`);
  }
  if (needs !== 'consensus' && 'share' in needs && !(needs.share > 0 && needs.share <= 1)) {
    note(node, `needs a share of ${needs.share}: above 0, at most 1`);
  }
  if (fallback !== undefined) checkOutcome(checking, node, fallback);
}

function checkCandidates(checking: Checking, node: UserTask, rule: CandidateRule, locals: readonly string[]): void {
  const { note, nodes, variables } = checking;
  const names = [rule.permission, rule.roles?.[0], rule.people, rule.managerOf?.person];
  if (names.every((name) => name === undefined || name === '')) note(node, 'does not say who may take it');
  if (rule.people !== undefined) checking.feel(node, 'candidates', rule.people, locals);
  if (rule.managerOf) {
    checking.feel(node, 'candidates', rule.managerOf.person, locals);
    const { levels = 1 } = rule.managerOf;
    if (!Number.isInteger(levels) || levels < 1) note(node, `asks the manager ${levels} levels up`);
  }
  if (rule.limitCovers !== undefined && !variables.has(rule.limitCovers)) {
    note(node, `compares limits with the variable "${rule.limitCovers}", which is not declared`);
  }
  if (rule.otherwise) checkCandidates(checking, node, rule.otherwise, locals);
  for (const id of rule.notActorOf ?? []) {
    const other = nodes.get(id);
    if (other?.kind !== 'user')
      note(node, `is not for actors of ${other ? nameOf(other) : `"${id}"`}, which is no user task`);
  }
}
