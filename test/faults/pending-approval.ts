import assert from 'node:assert/strict';
import { join } from 'node:path';
import { systemClock } from '#clock';
import { openDatabase } from '#db';
import { createDemoPeople, createTenant, openKeys, setAuditSecret, setKeyring } from '#security';
import { takeTestKeys } from '../house.ts';
import { leaflet, makeSmallTrade } from '../journeys/small-trade.ts';
import { callOver, signIn } from './served.ts';

const password = 'correct horse battery';

/** A promotion that waits for its last approval, and the tokens of those concerned; tokens outlive restarts. */
export interface PendingApproval {
  promotionId: string;
  fundIds: string[];
  taskId: string;
  tokens: Record<'admin' | 'kam' | 'director' | 'finance', string>;
}

/** Makes a tenant with nine people in a running product's database; its keys are those of its data folder where it has one. */
export async function makeTenant(databaseUrl: string, secretKey: string, dataDir?: string): Promise<void> {
  setAuditSecret(secretKey);
  const db = openDatabase(databaseUrl, secretKey, () => undefined);
  if (dataDir) {
    const folder = join(dataDir, 'keys');
    setKeyring(
      openKeys(db, systemClock, { provider: 'file', folder, secretKey, encryptionKeys: [], vault: undefined }),
    );
  } else {
    takeTestKeys(db, systemClock);
  }
  try {
    const tenant = { slug: 'maker', publicUrl: 'http://localhost' };
    const { tenantId } = await createTenant(db, systemClock, tenant);
    await createDemoPeople(db, systemClock, tenantId, password, 'maker.example');
  } finally {
    await db.close();
  }
}

/** Over HTTP: a small trade, a promotion submitted by the account manager and approved by the director. */
export async function makePendingApproval(url: string): Promise<PendingApproval> {
  const tokens = {} as PendingApproval['tokens'];
  for (const name of ['admin', 'kam', 'director', 'finance'] as const) {
    tokens[name] = await signIn(url, `${name}@maker.example`, password);
  }
  const year = new Date().getUTCFullYear() + 1;
  const trade = await makeSmallTrade(callOver(url, tokens.admin), year);
  const kam = callOver(url, tokens.kam);
  const draft = await kam('POST', '/promotions', leaflet(trade, `${year}-03-01`, `${year}-03-14`));
  assert.equal(draft.status, 201, JSON.stringify(draft.body));
  const promotionId: string = draft.body.id;
  const submitted = await kam('POST', `/promotions/${promotionId}/submit`);
  assert.equal(submitted.status, 200, JSON.stringify(submitted.body));
  const first = await openTask(url, tokens.director);
  const decided = await decide(url, tokens.director, first);
  assert.equal(decided.status, 200, JSON.stringify(decided.body));
  const taskId = await openTask(url, tokens.finance);
  return { promotionId, fundIds: [trade.fundId, trade.otherFundId], taskId, tokens };
}

async function openTask(url: string, token: string): Promise<string> {
  const tasks = await callOver(url, token)('GET', '/tasks?mine=true');
  assert.equal(tasks.body.items.length, 1, JSON.stringify(tasks.body));
  return tasks.body.items[0].id;
}

/** Approves a task. */
export function decide(url: string, token: string, taskId: string) {
  return callOver(url, token)('POST', `/tasks/${taskId}/complete`, { outcome: 'approved', comment: 'fine' });
}
