import { systemClock } from '#clock';
import { openDatabase } from '#db';
import { setAuditSecret } from '../audit/record-audit.ts';
import { type KeySettings, openKeys } from './open-keys.ts';
import { rotateDataKey } from './rotate-keys.ts';
import type { SealedColumn } from './sealed-columns.ts';

/** What a process is told that turns a data key over and is killed at it. */
export interface RotationOrder {
  url: string;
  secretKey: string;
  settings: KeySettings;
  tenantId: string;
  column: SealedColumn;
}

const { url, secretKey, settings, tenantId, column } = JSON.parse(process.argv[2] ?? '') as RotationOrder;
setAuditSecret(secretKey);
const keys = openKeys(
  openDatabase(url, secretKey, () => undefined),
  systemClock,
  settings,
);
await rotateDataKey(
  keys,
  { tenantId, class: column.class },
  {
    columns: [column],
    // Rows of the first batch are sealed anew by now.
    told: () => process.kill(process.pid, 'SIGKILL'),
  },
);
