import pg from 'pg';
import { fateOf, heardAction, spend, subjectType } from './approvals.ts';

/** Everything that must hold of the approvals at any moment between two transactions: a query gives what breaks it. */
const laws: Record<string, string> = {
  'one process for each record': `select subject_id::text as of, count(*) as found from workflow.instance
    where subject_type = '${subjectType}' and parent_instance_id is null group by 1 having count(*) <> 1`,
  'a request leaves its traces once': `select subject::text as of, row(audited, told, begun)::text as found from (
      select coalesce(a.id::uuid, e.subject_id, i.subject_id) as subject, a.n as audited, e.n as told, i.n as begun
      from (select entity_id as id, count(*) n from audit.entry where action = 'approval.requested' group by 1) a
      full join (select subject_id, count(*) n from events where type = 'chaos.approval.requested' group by 1) e on e.subject_id = a.id::uuid
      full join (select subject_id, count(*) n from workflow.instance where subject_type = '${subjectType}' and parent_instance_id is null
        group by 1) i on i.subject_id = coalesce(e.subject_id, a.id::uuid)) traces
    where (audited, told, begun) is distinct from (1, 1, 1)`,
  'money moves once and only as the process stands': `select coalesce(i.subject_id, e.promotion_id)::text as of,
      row(reserved, committed, released, e.*)::text as found from (
      select subject_id, v ? 'reserved' as reserved, v ? 'committed' as committed, v ? 'released' as released
      from (select subject_id, position #> '{runs,0,variables}' as v from workflow.instance
        where subject_type = '${subjectType}' and parent_instance_id is null) standing) i
    full join (select promotion_id, count(*) filter (where kind = 'reserve') r, count(*) filter (where kind = 'commit') c,
        count(*) filter (where kind = 'release') b, sum(amount) filter (where amount <> ${spend}) as other
      from funds.entry where promotion_id is not null group by 1) e on e.promotion_id = i.subject_id
    where i.subject_id is null or (coalesce(r, 0), coalesce(c, 0), coalesce(b, 0), other)
      is distinct from (reserved::int, committed::int, released::int, null)`,
  'what an effect tells is told once, with its money': `select coalesce(subject_id, promotion_id)::text as of, row(told, paid)::text as found
    from (select subject_id, count(*) told from events where type = 'chaos.approval.committed' group by 1) e
    full join (select promotion_id, count(*) paid from funds.entry where kind = 'commit' group by 1) p on promotion_id = subject_id
    where told is distinct from paid`,
  'a message is sent once by whoever was approved': `select i.subject_id::text as of, count(e.id) as found
    from workflow.instance i left join events e on e.subject_id = i.subject_id and e.type = 'workflow.message.sent'
    where i.subject_type = '${subjectType}' and parent_instance_id is null
    group by i.subject_id, i.outcome having count(e.id) <> (i.outcome is not distinct from 'approved')::int`,
  'a decision is taken, audited and told once': `select t.id::text as of, row(state, audited, told)::text as found from workflow.task t
    left join (select before ->> 'task' as id, count(*) audited from audit.entry where action like 'task.%' and before is not null
      group by 1) a on a.id = t.id::text
    left join (select subject_id as id, count(*) told from events where type = 'workflow.task.completed' group by 1) e on e.id = t.id
    where (coalesce(audited, 0), coalesce(told, 0)) is distinct from ((state = 'completed')::int, (state = 'completed')::int)`,
  'a task is told of once when it opens and once when it is withdrawn': `select t.id::text as of, row(state, opened, cancelled)::text as found
    from workflow.task t left join (select subject_id as id, count(*) filter (where type = 'workflow.task.created') opened,
      count(*) filter (where type = 'workflow.task.cancelled') cancelled from events group by 1) e on e.id = t.id
    where (opened, cancelled) is distinct from (1, (state = 'cancelled')::int)`,
  'a step is never opened twice': `select instance_id::text || ' ' || step as of, count(*) as found from workflow.task
    group by 1 having count(*) <> 1`,
  'what waits is armed, and nothing else': `select of, found from (
      select coalesce(t.id, timer.subject_id)::text as of, row(t.state, count(timer.id))::text as found, count(timer.id) as armed, t.state
      from workflow.task t full join timer.timer on timer.subject_id = t.id and timer.kind = 'workflow.task-due'
      where coalesce(timer.kind, 'workflow.task-due') = 'workflow.task-due' group by t.id, timer.subject_id, t.state
      union all select coalesce(w.id, timer.subject_id)::text, count(timer.id)::text, count(timer.id), case when w.id is null then 'gone' else 'open' end
      from workflow.wait w full join timer.timer on timer.subject_id = w.id and timer.kind = 'workflow.wait'
      where coalesce(timer.kind, 'workflow.wait') = 'workflow.wait' group by w.id, timer.subject_id) armed
    where armed <> (state in ('open', 'claimed'))::int`,
  'whatever runs waits for something; whatever ended waits for nothing': `select i.id::text as of, row(state, waiting)::text as found from (
      select i.id, i.state, (select count(*) from workflow.task where instance_id = i.id and task.state in ('open', 'claimed'))
        + (select count(*) from workflow.wait where instance_id = i.id)
        + (select count(*) from workflow.instance c where c.parent_instance_id = i.id and c.state = 'running') as waiting
      from workflow.instance i) i
    where (state = 'running') <> (waiting > 0)`,
  'no incident and no failure': `select id::text as of, message as found from workflow.incident
    union all select subscription, error from event.dead_letter
    union all select id::text, state from workflow.instance where state = 'failed'
    union all select id::text, error from timer.timer where failed_at is not null`,
  'the log has every position and every event once': `select 'log' as of, row(count(*), count(distinct id), max(position))::text as found
    from event.log having count(*) <> coalesce(max(position), 0) or count(distinct id) <> count(*)
    union all select id::text, 'in the log and in the outbox' from event.log where id in (select id from event.outbox)`,
  'a subscription hears of every decision once': `select coalesce(e.subject_id::text, h.entity_id) as of, row(position, heard)::text as found
    from (select subject_id, position from event.log where type = 'workflow.task.completed') e
    full join (select entity_id, count(*) heard from audit.entry where action = '${heardAction}' group by 1) h on h.entity_id = e.subject_id::text
    where coalesce(heard, 0) <> (position <= (select position from event.cursor where subscription = 'chaos-heard'))::int`,
  'a checkbook is the sum of its ledger and of its holds': `select fund_id::text as of, row(account, ledger, held)::text as found from (
      select f.id as fund_id, account, (select coalesce(sum(amount), 0) from funds.entry where to_fund_id = f.id and to_account = account)
          - (select coalesce(sum(amount), 0) from funds.entry where from_fund_id = f.id and from_account = account) as ledger,
        (select coalesce(sum(case account when 'reserved' then reserved else committed end), 0) from funds.hold where fund_id = f.id) as held
      from funds.fund f, unnest(array['reserved', 'committed']) account) books where ledger <> held`,
};

const events = `with events as (select id, type, subject_id from event.log
  union all select id, type, subject_id from event.outbox)`;
/** All laws in one snapshot and one journey. */
const look = [
  'begin isolation level repeatable read read only',
  ...Object.values(laws).map((query) => `${events} ${query}`),
  'commit',
].join(';\n');

const ended = `select subject_id, row(i.state, i.outcome, coalesce(h.reserved, 0)::float8, coalesce(h.committed, 0)::float8)::text as found
  from workflow.instance i left join funds.hold h on h.promotion_id = subject_id
  where subject_type = '${subjectType}' and parent_instance_id is null order by 1`;

const endOf = { approved: `(completed,approved,0,${Number(spend)})`, rejected: '(completed,rejected,0,0)' };

/** Looks at approvals from outside, as the owner of the database. */
export class Inspector {
  readonly #client: pg.Client;

  constructor(ownerUrl: string) {
    this.#client = new pg.Client({ connectionString: ownerUrl });
    this.#client.on('error', () => undefined);
  }

  connect(): Promise<unknown> {
    return this.#client.connect();
  }

  end(): Promise<void> {
    return this.#client.end();
  }

  /** What is broken at this moment; all laws look at one snapshot. */
  async breaches(): Promise<string[]> {
    const answers = (await this.#client.query(look)) as unknown as pg.QueryResult<{ of: string; found: unknown }>[];
    return Object.keys(laws).flatMap((law, at) =>
      // The first answers the beginning of the transaction.
      (answers[at + 1]?.rows ?? []).slice(0, 3).map(({ of, found }) => `${law}: ${of} ${String(found)}`),
    );
  }

  /** Of the approvals that have all ended: what ended otherwise than it should, what was answered as done and is not, what is broken. */
  async unfinished(done: readonly string[]): Promise<string[]> {
    const { rows } = await this.#client.query<{ subject_id: string; found: string }>(ended);
    const wrong = rows.flatMap(({ subject_id, found }) => {
      const fate = fateOf(Number.parseInt(subject_id.slice(-12), 16));
      const wanted = fate === 'rejected' || fate === 'left' ? endOf.rejected : endOf.approved;
      return found === wanted ? [] : [`${subject_id} should end ${fate}: ${found}`];
    });
    const { rows: lost } = await this.#client.query<{ id: string }>(
      `select id from unnest($1::uuid[]) id where id not in (select subject_id from workflow.instance)
        and id not in (select id from workflow.task where state = 'completed')`,
      [done],
    );
    return [...lost.map(({ id }) => `${id} was answered as done and is lost`), ...wrong, ...(await this.breaches())];
  }

  /** How many approvals there are. */
  async approvals(): Promise<number> {
    return (await this.#client.query(ended)).rowCount ?? 0;
  }
}
