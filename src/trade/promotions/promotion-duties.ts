import { sql } from '#db';
import type { DutyDeclaration } from '#module';

/** Who makes a promotion does not approve it. */
export const promotionDuties: DutyDeclaration = {
  duties: [
    {
      code: 'promotion.make',
      name: 'make or amend a promotion',
      permissions: ['promotions:create', 'promotions:update'],
      traces: [
        {
          entityType: 'promotion',
          actions: ['promotion.created', 'promotion.changed', 'promotion.imported', 'promotion.amendment_proposed'],
        },
      ],
    },
    {
      code: 'promotion.approve',
      name: 'approve a promotion or its amendment',
      permissions: ['promotions:approve'],
      traces: [
        { entityType: 'promotion', actions: ['promotion.approved', 'task.approved'] },
        {
          entityType: 'promotion_amendment',
          actions: ['task.approved'],
          records: sql`select id::text as entity_id, promotion_id::text as record_id from promotions.amendment`,
        },
      ],
    },
  ],
  conflicts: [
    {
      code: 'promotion.make-approve',
      first: 'promotion.make',
      second: 'promotion.approve',
      risk: 'Trade spend is committed that only one person has looked at.',
      recordType: 'promotion',
      onRecord: 'refused',
      inRoles: 'shown',
    },
  ],
};
