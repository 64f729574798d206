import { sql } from '#db';
import type { Subject } from '#subjects';

/** Agreements, as people look for them: by code, or by the name of the version that counts. */
export const termsSubjects: readonly Subject[] = [
  {
    type: 'agreement',
    permission: 'funds:read',
    rows: sql`select agreement.id, agreement.code, version.name, case when version.agreed_at is null then 'draft' else 'agreed' end as state
      from terms.agreement join lateral (select name, agreed_at from terms.agreement_version version
        where version.tenant_id = agreement.tenant_id and version.agreement_id = agreement.id
        order by (version.superseded_at is null) desc, version.agreed_at desc nulls last, version.number desc limit 1) version on true`,
  },
];
