import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidingPermissions } from '#security';
import { modules } from './modules.ts';

test('every permission by which a module lets somebody check, decide or settle is one that nobody holds who gives rights', () => {
  const declared = modules.flatMap(({ duties }) => (duties ? [duties] : []));
  const duties = new Map(declared.flatMap((one) => (one.duties ?? []).map((duty) => [duty.code, duty.permissions])));
  const seconds = declared.flatMap((one) => (one.conflicts ?? []).flatMap(({ second }) => duties.get(second) ?? []));
  assert.deepEqual([...new Set(seconds)].sort(), [...decidingPermissions].sort());
});
