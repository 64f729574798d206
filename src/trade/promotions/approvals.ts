import type { Definition } from '#workflow';

/** Sales authority: a person's own limit decides whether they may say yes alone. Above it, or at a loss, finance too. */
export const promotionApprovalDefinition: Definition = {
  code: 'promotion-approval',
  title: 'Promotion approval',
  steps: [
    {
      name: 'authority',
      title: 'Approval within limit',
      candidates: { permission: 'promotions:approve', limitCovers: 'spend' },
      dueHours: 48,
    },
    {
      name: 'finance',
      title: 'Finance review',
      when: {
        any: [
          { variable: 'spend', is: 'above', value: '100000' },
          { variable: 'netRoi', is: 'below', value: '0' },
          { variable: 'netRoi', is: 'null' },
        ],
      },
      candidates: {
        permission: 'promotions:approve',
        roles: ['finance_controller', 'executive'],
        limitCovers: 'spend',
      },
      dueHours: 48,
    },
  ],
};
