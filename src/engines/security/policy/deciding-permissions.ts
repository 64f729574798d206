import type { Permission } from '#module';

/**
 * The permissions that decide on money or on the books: transfers and terms, promotions and their amendments, settlements,
 * write-offs, journals, periods. Nobody holds them together with the giving of rights, but for what the administrator's role
 * itself holds.
 */
export const decidingPermissions: readonly Permission[] = [
  'funds:approve',
  'promotions:approve',
  'claims:settle',
  'claims:writeoff',
  'accruals:post',
  'periods:close',
];
