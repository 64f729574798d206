import { type ProcessModel, writeBpmn } from '#workflow';

type Node = ProcessModel['body']['nodes'][number];

const flow = (from: string, to: string, more: { condition?: string } = {}) => ({
  ...{ id: `${from}-to-${to}`, from, to },
  ...more,
});

/** The listing of a new item: sales names the price, then finance and legal beside each other where it is dear. */
export function listingFile(): Promise<string> {
  const roles = (role: string) => ({ permission: 'workflows:act', roles: [role] });
  const outcomes = ['approved', 'rejected'];
  const nodes: Node[] = [
    { kind: 'start', id: 'asked', name: 'Asked for' },
    {
      ...{ kind: 'user', id: 'sales', name: 'Sales looks', candidates: roles('director'), outcomes },
      form: [{ variable: 'price', label: 'Price on the shelf', required: true }],
    },
    { kind: 'exclusive', id: 'agreed', name: 'Agreed?', default: 'agreed-to-listed' },
    { kind: 'parallel', id: 'both' },
    { kind: 'user', id: 'finance', name: 'Finance looks', candidates: roles('finance_controller'), outcomes },
    { kind: 'user', id: 'legal', name: 'Legal looks', candidates: roles('legal'), outcomes },
    { kind: 'parallel', id: 'joined' },
    { kind: 'end', id: 'listed', name: 'Listed', outcome: 'approved' },
    { kind: 'end', id: 'refused', name: 'Not listed', outcome: 'rejected' },
  ];
  const flows = [
    ...[flow('asked', 'sales'), flow('sales', 'agreed')],
    flow('agreed', 'refused', { condition: 'sales.outcome = "rejected"' }),
    flow('agreed', 'both', { condition: 'price > 100' }),
    ...[flow('agreed', 'listed'), flow('both', 'finance'), flow('both', 'legal')],
    ...[flow('finance', 'joined'), flow('legal', 'joined'), flow('joined', 'listed')],
  ];
  const variables = [{ name: 'price', type: 'number' as const }];
  return writeBpmn([{ code: 'listing', title: 'Listing of a new item', variables, body: { nodes, flows } }]);
}

/** One of two ways is taken, and then both are waited for: it never ends. */
export async function stuckFile(): Promise<string> {
  const task = (id: string): Node => ({
    ...{ kind: 'user', id, name: `Look ${id}`, candidates: { permission: 'workflows:act' }, outcomes: ['approved'] },
  });
  const nodes: Node[] = [
    ...([
      { kind: 'start', id: 'begin' },
      { kind: 'exclusive', id: 'which', default: 'which-to-right' },
    ] as const),
    ...[task('left'), task('right')],
    ...([
      { kind: 'parallel', id: 'wait', name: 'Both are there' },
      { kind: 'end', id: 'over' },
    ] as const),
  ];
  const flows = [
    ...[flow('begin', 'which'), flow('which', 'left', { condition: 'dear' }), flow('which', 'right')],
    ...[flow('left', 'wait'), flow('right', 'wait'), flow('wait', 'over')],
  ];
  const variables = [{ name: 'dear', type: 'boolean' as const }];
  return writeBpmn([{ code: 'stuck', title: 'A way that never ends', variables, body: { nodes, flows } }]);
}

/** After a minute, whoever `approver` names looks at it: nobody, as long as nobody is named. */
export function nobodyFile(): Promise<string> {
  const nodes: Node[] = [
    { kind: 'start', id: 'begin' },
    { kind: 'catch', id: 'later', name: 'A minute later', event: { type: 'timer', timer: { after: 'PT1M' } } },
    {
      kind: 'user',
      id: 'look',
      name: 'The named one looks',
      candidates: { people: 'approver' },
      outcomes: ['approved'],
    },
    { kind: 'end', id: 'over', outcome: 'approved' },
  ];
  const flows = [flow('begin', 'later'), flow('later', 'look'), flow('look', 'over')];
  const variables = [{ name: 'approver', type: 'string' as const }];
  return writeBpmn([{ code: 'named', title: 'Whoever is named', variables, body: { nodes, flows } }]);
}

/** The check of a label: those whom `approvers` names look at it, and after five days the executive does. */
export function labelFile(): Promise<string> {
  const executive = { permission: 'workflows:act', roles: ['executive'] };
  const nodes: Node[] = [
    { kind: 'start', id: 'begin' },
    {
      ...{ kind: 'user', id: 'look', name: 'Label looks right', outcomes: ['approved', 'rejected'] },
      candidates: { permission: 'workflows:act', people: 'approvers' },
      escalations: [{ after: { after: 'P5D' }, does: { type: 'reassign', candidates: executive } }],
    },
    { kind: 'end', id: 'over', outcome: 'approved' },
  ];
  const variables = [{ name: 'approvers', type: 'list' as const }];
  const flows = [flow('begin', 'look'), flow('look', 'over')];
  return writeBpmn([{ code: 'label', title: 'Check of a label', variables, body: { nodes, flows } }]);
}
