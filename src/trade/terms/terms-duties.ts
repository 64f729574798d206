import type { DutyDeclaration } from '#module';

/** Who drafts terms does not agree to them. */
export const termsDuties: DutyDeclaration = {
  duties: [
    {
      code: 'terms.draft',
      name: 'draft an agreement',
      permissions: ['promotions:create'],
      traces: [{ entityType: 'agreement', actions: ['terms.drafted'] }],
    },
    {
      code: 'terms.agree',
      name: 'agree to terms',
      permissions: ['funds:approve'],
      traces: [{ entityType: 'agreement', actions: ['terms.agreed'] }],
    },
  ],
  conflicts: [
    {
      code: 'terms.draft-agree',
      first: 'terms.draft',
      second: 'terms.agree',
      risk: 'A customer is promised a rebate that nobody else has seen.',
      recordType: 'agreement',
      onRecord: 'refused',
      inRoles: 'shown',
    },
  ],
};
