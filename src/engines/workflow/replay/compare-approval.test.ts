import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money } from '#money';
import type { Member } from '#security';
import type { CandidateRule } from '../definitions/process-model.ts';
import { indexModel } from '../instances/index-model.ts';
import { model, node, user } from '../instances/test-desk.ts';
import { compareApproval, type PastApproval, type PastStep } from './compare-approval.ts';
import { type PlayedFacts, playOn } from './play-on.ts';
import { decidingAmong, makePlayer } from './replay-setting.ts';
import { ReplayCounts } from './replay-summary.ts';
import { WhoMay } from './who-may.ts';

const person = (id: string, limit: string | null, roles: string[] = [], customers: string[] | null = null): Member => ({
  ...{ id, roles, active: true, managerId: null, version: 1, permissions: new Set(['promotions:approve']), limits: [] },
  ...{ approvalLimit: limit === null ? null : money(limit, 'USD'), scope: { customers, products: null } },
});
const members = [
  person('anna', '1000'),
  person('bert', '5000', ['finance']),
  person('cleo', null, ['finance']),
  person('dora', null, ['finance'], ['north']),
  { ...person('gone', null), active: false },
];
const covered: CandidateRule = { permission: 'promotions:approve', limitCovers: 'spend' };
const byRole: CandidateRule = { ...covered, roles: ['finance'], notActorOf: ['sales'] };

const past = (taken: Partial<PastStep>[], more: Partial<PastApproval> = {}): PastApproval => ({
  ...{ id: 'one', startedAt: new Date(0), endedAt: new Date(1), subjectType: 'thing', subjectId: 's', currency: 'USD' },
  ...{ outcome: 'approved', makers: ['maker'], variables: { spend: '800' }, final: { spend: '800' }, group: 'North' },
  taken: taken.map((one) => ({
    step: 'sales',
    outcome: 'approved',
    by: 'anna',
    rules: [covered],
    named: null,
    ...one,
  })),
  ...more,
});

/** Plays an approval on a process of sales and finance, with a rule for each; null: there is no such step. */
function replay(approval: PastApproval, sales: CandidateRule | null, finance: CandidateRule | null) {
  const rules = new Map(
    Object.entries({ sales, finance }).filter((one): one is [string, CandidateRule] => one[1] !== null),
  );
  const ways = ['s', ...rules.keys(), 'e'];
  const flows = ways.slice(1).map((to, at) => `${ways[at]} > ${to}`);
  const nodes = [...rules].map(([id, candidates]) => user(id, { candidates }));
  const process = indexModel(
    model('p', [node('start', 's'), ...nodes, node('end', 'e', { outcome: 'approved' })], flows.join(', '), [
      { name: 'spend', type: 'number' },
    ]),
  );
  const rulesOf = new Map([...rules].map(([id, rule]) => [id, [rule]] as const));
  const facts: PlayedFacts = {
    ...{ startedAt: approval.startedAt, variables: approval.variables, final: approval.final },
    outcomes: Map.groupBy(approval.taken, ({ step }) => step),
  };
  const played = playOn({ process, rulesOf, ask: () => undefined, deciding: new Set<string>() }, facts);
  return compareApproval(approval, played, {
    who: new WhoMay(members),
    rulesOf: (step) => rulesOf.get(step) ?? [],
    namedBy: (_, { people }) => people && new Set(people),
    isInScope: () => false,
    couldDrop: () => true,
  });
}
const kindsOf = ({ breaches }: { breaches: { kind: string; people: string[] }[] }) =>
  breaches.map(({ kind, people }) => [kind, people]);

test('an approval whose steps and people stay comes out the same', () => {
  const same = replay(past([{}]), covered, null);
  assert.deepEqual([same.differences, same.breaches], [[], []]);
  assert.deepEqual(same.steps, [
    { step: 'sales', is: 'kept', by: 'anna', barred: null, people: ['anna', 'bert', 'cleo'] },
  ]);
});

test('a step more names who could take it: with the role and the limit, not who took the first, not kept elsewhere', () => {
  const more = replay(past([{ by: 'cleo' }]), covered, byRole);
  assert.deepEqual([more.differences, more.stepsThen, more.stepsNow], [['more-steps'], 1, 2]);
  assert.deepEqual(more.steps[1], { step: 'finance', is: 'added', by: null, barred: null, people: ['bert'] });
});

test('whom the rules of then kept out is a breach of its kind, and so is a limit that nothing asks for', () => {
  const then = [{}, { step: 'finance', by: 'bert', rules: [byRole] }];
  const anyone = replay(past(then), covered, { permission: 'promotions:approve', notActorOf: ['sales'] });
  assert.deepEqual(kindsOf(anyone), []);
  const large = past(then, { variables: { spend: '4000' }, final: { spend: '4000' } });
  const loose = replay(large, null, { permission: 'promotions:approve' });
  assert.deepEqual(kindsOf(loose), [
    ['without-role', ['anna']],
    ['step-dropped', []],
    ['limit-not-asked', []],
  ]);
  const overLimit = replay(past([{ by: 'bert' }], large), { permission: 'promotions:approve' }, null);
  assert.deepEqual(kindsOf(overLimit)[0], ['over-limit', ['anna']]);
  const named = replay(past([{ named: ['bert'] }]), covered, null);
  assert.deepEqual(kindsOf(named), [['not-named', ['anna', 'cleo']]]);
});

test('whoever decided then and may no more is told with why, and a step that nobody may take', () => {
  const other = replay(past([{ by: 'anna' }]), { ...covered, roles: ['finance'] }, null);
  assert.deepEqual([other.differences, other.steps[0]?.barred], [['other-people'], 'without-role']);
  const nobody = replay(past([{}]), { ...covered, roles: ['wizard'] }, null);
  assert.deepEqual(kindsOf(nobody), [['nobody-left', []]]);
});

test('a refusal of then is one again, and what cannot be compared says why', () => {
  const refused = replay(past([{ outcome: 'rejected' }], { outcome: 'approved' }), covered, null);
  assert.deepEqual(refused.differences, []);
  const broken = replay(past([{}], { variables: { spend: 'much' }, final: { spend: 'much' } }), covered, null);
  assert.deepEqual(broken.differences, ['stopped']);
  assert.match(broken.stopped ?? '', /"much" is not a decimal amount/);
});

test('counts are exact: by difference, step, person and group', () => {
  const counts = new ReplayCounts();
  counts.add(replay(past([{}]), covered, null));
  counts.add(replay(past([{ by: 'cleo' }]), covered, byRole));
  const { steps, people, groups, ...all } = counts.summary();
  assert.deepEqual([all.approvals, all.same, all.stepsThen, all.stepsNow], [2, 1, 2, 3]);
  assert.deepEqual(steps, [
    { step: 'sales', before: 2, after: 2, added: 0, dropped: 0, alone: 0, nobody: 0 },
    { step: 'finance', before: 0, after: 1, added: 1, dropped: 0, alone: 1, nobody: 0 },
  ]);
  assert.deepEqual(
    people.find(({ personId }) => personId === 'bert'),
    { personId: 'bert', took: 0, still: 0, could: 3 },
  );
  assert.deepEqual(groups, [{ group: 'North', approvals: 2, moreSteps: 1, fewerSteps: 0, breaches: 0 }]);
});

test('an approval that calls a process in which people decide, by others too, is told not to be comparable', () => {
  const [start, end] = [node('start', 's'), node('end', 'e', { outcome: 'approved' })];
  const calls = (code: string, process: string) =>
    model(code, [start, end, node('call', 'c', { process, output: { said: 'outcome' } })], 's > c, c > e');
  const asking = model('asking', [start, end, user('a')], 's > a, a > e');
  const silent = model('silent', [start, end], 's > e');
  const deciding = decidingAmong([calls('top', 'middle'), calls('middle', 'asking'), asking, silent]);
  assert.deepEqual([...deciding].sort(), ['asking', 'middle', 'top']);
  const played = (of: string) => {
    const setting = { processes: [{ model: calls('tried', of), rulesOf: new Map() }], decisions: [], deciding };
    const facts = { startedAt: new Date(0), variables: {}, final: { said: 'approved' }, outcomes: new Map() };
    return makePlayer(setting)({ definition: 'tried', facts });
  };
  assert.match(played('middle').stopped ?? '', /^Not comparable: it calls "middle"/);
  assert.deepEqual([played('silent').stopped, played('silent').outcome], [null, 'approved']);
});
