import type { DutyDeclaration } from '#module';

/** Who proposes a transfer between funds does not decide it. */
export const fundDuties: DutyDeclaration = {
  duties: [
    {
      code: 'transfer.propose',
      name: 'propose a transfer between funds',
      permissions: ['funds:transfer'],
      traces: [{ entityType: 'fund_transfer', actions: ['fund.transfer.proposed'] }],
    },
    {
      code: 'transfer.approve',
      name: 'approve a transfer between funds',
      permissions: ['funds:approve'],
      traces: [{ entityType: 'fund_transfer', actions: ['task.approved'] }],
    },
  ],
  conflicts: [
    {
      code: 'transfer.propose-approve',
      first: 'transfer.propose',
      second: 'transfer.approve',
      risk: 'Money moves to another budget on one person’s word.',
      recordType: 'fund_transfer',
      onRecord: 'refused',
      inRoles: 'shown',
    },
  ],
};
