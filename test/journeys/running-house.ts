import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, movableClock } from '#clock';
import { readConfig } from '#config';
import { makeLogger } from '#telemetry';
import { type House, startHouse } from '../../src/apps/start-house.ts';
import { testDataDir } from '../data-folder.ts';
import { callOver } from '../faults/served.ts';
import { testSecretKey } from '../house.ts';
import { createDatabaseFromTemplate } from '../postgres/index.ts';
import type { Answered, Call } from './small-trade.ts';

/** The whole product in this process, on a database of its own and a clock that can be moved on. */
export interface RunningHouse {
  house: House;
  clock: ReturnType<typeof movableClock>;
  url: string;
  /** The database's owner, for looking behind the product. */
  ownerUrl: string;
  /** Where `/ws/analytics` is. */
  socketUrl: string;
}

/** Starts the product on an empty database, with `settings` of the environment; everything is gone when the test ends. */
export async function runHouse(
  t: Pick<TestContext, 'after'>,
  base?: Clock,
  settings: Record<string, string> = {},
): Promise<RunningHouse> {
  const database = await createDatabaseFromTemplate();
  const clock = movableClock(base);
  const config = readConfig({
    ...{ PORT: '0', TRADEAI_DATA: testDataDir },
    ...{ TRADEAI_DATABASE_URL: database.url, TRADEAI_SECRET_KEY: testSecretKey },
    ...settings,
  });
  const house = await startHouse(config, makeLogger(process.env.TRADEAI_LOG_LEVEL ?? 'silent'), clock);
  t.after(async () => {
    await house.close();
    await database.drop();
  });
  const url = (await house.listen()).replace('localhost', '127.0.0.1');
  return { house, clock, url, ownerUrl: database.url, socketUrl: `${url.replace('http', 'ws')}/ws/analytics` };
}

/** Requests whose answer must have a status; throws with the answer otherwise. */
export function expecting(call: Call) {
  return async (status: number, ...request: Parameters<Call>): Promise<Answered['body']> => {
    const answer = await call(...request);
    if (answer.status !== status)
      throw new Error(`${request[0]} ${request[1]}: ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
}

/** Asks until `holds`; throws after `limitMs` with the last answer. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  limitMs = 180_000,
): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (limit.aborted) throw new Error(`still not: ${what}; last: ${JSON.stringify(answer).slice(0, 1_000)}`);
    await sleep(100);
  }
}

/** Every item of a list, page by page. */
export async function allOf(call: Call, path: string): Promise<Answered['body'][]> {
  const items: Answered['body'][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Answered['body'] = await expecting(call)(
      ...([
        200,
        'GET',
        `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      ] as const),
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

/** Uploads a file as the import page does and waits for its end. */
export async function upload(
  url: string,
  token: string,
  file: { kind: string; name: string; content: string | Uint8Array<ArrayBuffer>; mapping?: string },
): Promise<Answered['body']> {
  const form = new FormData();
  form.set('kind', file.kind);
  if (file.mapping) form.set('mapping', file.mapping);
  form.set('file', new Blob([file.content]), file.name);
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/api/v1/imports`, { method: 'POST', body: form, headers });
  const taken = (await response.json()) as { id: string };
  if (response.status !== 202) throw new Error(`POST /imports: ${response.status} ${JSON.stringify(taken)}`);
  const call = expecting(callOver(url, token));
  const over = ['finished', 'refused', 'failed'];
  const ask = () => call(200, 'GET', `/imports/${taken.id}`);
  return eventually(`the import of ${file.name} is over`, ask, ({ status }) => over.includes(status));
}
