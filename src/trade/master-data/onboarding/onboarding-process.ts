import { chainDecisions, type ProcessModel } from '#workflow';

const done = ['approved'];

/**
 * How a customer becomes one: finance checks the credit, may set conditions and grants a limit; what is granted on conditions or
 * above 50,000 in the tenant's currency somebody approves whose own limit covers it; then what the customer needs is set up, side by side.
 */
export const onboardingProcess: ProcessModel = chainDecisions({
  ...{ code: 'customer-onboarding', title: 'Customer onboarding' },
  variables: [
    { name: 'creditRequested', type: 'number', required: true },
    { name: 'creditGranted', type: 'number', allowed: '>= 0' },
    // Units of the tenant's currency for one of the customer's, as of the day it began.
    { name: 'houseRate', type: 'number', required: true },
    { name: 'conditions', type: 'string' },
  ],
  links: [
    {
      ...{ id: 'credit', name: 'Credit check', due: { after: 'P3D', calendar: 'default' } },
      candidates: {
        ...{ permission: 'accruals:post', roles: ['finance_controller'] },
        otherwise: { permission: 'funds:approve' },
      },
      form: [
        { variable: 'creditGranted', label: 'Credit limit', required: true },
        { variable: 'conditions', label: 'Conditions' },
      ],
    },
    {
      ...{ id: 'conditional', name: 'Approval on conditions', due: { after: 'P2D', calendar: 'default' } },
      when: '(conditions != null and conditions != "") or creditGranted * houseRate > 50000 or creditGranted < creditRequested',
      candidates: { permission: 'promotions:approve', limitCovers: 'creditGranted' },
    },
  ],
  after: {
    ...{ first: 'set-up', last: 'set-up-done' },
    nodes: [
      { kind: 'parallel', id: 'set-up', name: 'Set up' },
      {
        ...{ kind: 'user', id: 'account', name: 'Account: owner, planning and claim level' },
        ...{
          candidates: { permission: 'promotions:create' },
          outcomes: done,
          due: { after: 'P5D', calendar: 'default' },
        },
      },
      {
        ...{ kind: 'user', id: 'terms', name: 'Terms and funds' },
        ...{ candidates: { permission: 'funds:write' }, outcomes: done, due: { after: 'P5D', calendar: 'default' } },
      },
      { kind: 'parallel', id: 'set-up-done' },
    ],
    flows: [
      { id: 'to-account', from: 'set-up', to: 'account' },
      { id: 'to-terms', from: 'set-up', to: 'terms' },
      { id: 'account-done', from: 'account', to: 'set-up-done' },
      { id: 'terms-done', from: 'terms', to: 'set-up-done' },
    ],
  },
});
