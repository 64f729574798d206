import { type CandidateRule, chainDecisions, type ProcessModel } from '#workflow';

/** Up to so much in the tenant's currency finance decides alone. */
const financeAlone = '200000';
const isLarge = `houseAmount = null or houseAmount > ${financeAlone}`;
const isSmall = `houseAmount != null and houseAmount <= ${financeAlone}`;
const due = { after: 'P2D', calendar: 'default' };
const money: CandidateRule = { permission: 'funds:approve', limitCovers: 'amount' };

/**
 * How a fund gets more money: planning reviews it, finance decides, and above 200,000 finance reviews and an executive decides. Whoever
 * says the last yes has a limit that covers it.
 */
export const budgetProcess: ProcessModel = chainDecisions({
  ...{ code: 'budget-allocation', title: 'Budget allocation' },
  variables: [
    { name: 'amount', type: 'number', required: true },
    { name: 'houseAmount', type: 'number' },
  ],
  links: [
    {
      ...{ id: 'planning', name: 'Planning review', due },
      candidates: {
        ...{ permission: 'promotions:approve', roles: ['trade_marketing_manager'] },
        otherwise: { permission: 'funds:approve' },
      },
    },
    {
      ...{ id: 'finance', name: 'Finance decision', when: isSmall, due },
      candidates: { ...money, roles: ['finance_controller'], otherwise: money },
    },
    {
      ...{ id: 'review', name: 'Finance review', when: isLarge, due },
      candidates: {
        ...{ permission: 'funds:approve', roles: ['finance_controller'] },
        otherwise: { permission: 'funds:approve' },
      },
    },
    {
      ...{ id: 'executive', name: 'Executive decision', when: isLarge, due },
      candidates: { ...money, roles: ['executive'], otherwise: money },
    },
  ],
});
