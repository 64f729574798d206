import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import type { Breach } from '#module';

type Tx = TenantTx<Context>;

/** How an invariant stood when it was last looked at; `unchecked`: the check itself could not run. */
export type InvariantState = 'holds' | 'broken' | 'unchecked';

/** The last check of one invariant. */
export interface StoredResult {
  id: string;
  name: string;
  state: InvariantState;
  since: Date;
  checkedAt: Date;
  tookMs: number;
  failure: string | null;
}

/** A breach that the last check found. */
export interface OpenBreach extends Breach {
  name: string;
  openedAt: Date;
}

/** A line of the history of breaches. */
export interface BreachChange extends Breach {
  id: string;
  name: string;
  change: 'opened' | 'closed';
  at: Date;
}

/** Takes the round of a tenant for this process and answers its number; null where one was taken less than `everyMs` ago. */
export async function takeRound(tx: Tx, everyMs: number): Promise<number | null> {
  const now = tx.context.clock.now();
  const taken = await tx.maybe<{ number: string }>(sql`
    insert into invariant.round (tenant_id, taken_at) values (${tx.context.tenant.id}, ${now})
    on conflict (tenant_id) do update set taken_at = excluded.taken_at, number = round.number + 1
      where round.taken_at <= ${new Date(now.getTime() - everyMs)} returning number`);
  return taken ? Number(taken.number) : null;
}

/** The last results, by name. */
export async function readResults(tx: Tx): Promise<StoredResult[]> {
  return tx.many<StoredResult>(sql`select id, name, state, since, checked_at as "checkedAt", took_ms as "tookMs", failure
    from invariant.result order by name`);
}

/** Breaches that were opened and not closed since, by invariant and subject. */
export async function readOpenBreaches(tx: Tx): Promise<OpenBreach[]> {
  return tx.many<OpenBreach>(sql`select name, subject, detail, at as "openedAt" from (
      select distinct on (name, subject) name, subject, change, detail, at from invariant.breach
      order by name, subject, id desc) last
    where change = 'opened' order by name, subject`);
}

/** The history of breaches, newest first unless told otherwise. */
export async function listBreaches(tx: Tx, request: ListRequest): Promise<Page<BreachChange>> {
  return keysetPage<BreachChange>(
    tx,
    {
      columns: sql`breach.id, breach.name, breach.subject, breach.change, breach.detail, breach.at`,
      from: sql`invariant.breach`,
      where: [],
      sortable: { at: sql`breach.at`, name: sql`breach.name` },
      id: sql`breach.id`,
      defaultSort: '-at',
    },
    request,
  );
}

/** Keeps how an invariant stands now and answers its id; `since` moves on only when the state is another. */
export async function keepResult(tx: Tx, result: Omit<StoredResult, 'id' | 'since' | 'checkedAt'>): Promise<string> {
  const { context } = tx;
  const now = context.clock.now();
  const { id } = await tx.one<{
    id: string;
  }>(sql`insert into invariant.result (tenant_id, id, name, state, since, checked_at, took_ms, failure)
    values (${context.tenant.id}, ${context.newId()}, ${result.name}, ${result.state}, ${now}, ${now}, ${result.tookMs}, ${result.failure})
    on conflict (tenant_id, name) do update set state = excluded.state, checked_at = excluded.checked_at,
      since = case when result.state = excluded.state then result.since else excluded.since end,
      took_ms = excluded.took_ms, failure = excluded.failure
    returning id`);
  return id;
}

/** Writes down that breaches of an invariant were opened or closed. */
export async function keepBreaches(
  tx: Tx,
  name: string,
  change: BreachChange['change'],
  breaches: readonly Breach[],
): Promise<void> {
  const { context } = tx;
  for (const { subject, detail } of breaches) {
    await tx.run(sql`insert into invariant.breach (tenant_id, id, name, subject, change, detail, at)
      values (${context.tenant.id}, ${context.newId()}, ${name}, ${subject}, ${change}, ${detail}, ${context.clock.now()})`);
  }
}
