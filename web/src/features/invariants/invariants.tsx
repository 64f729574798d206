import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useChannel } from '../../live/use-live.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { clockText, instantText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { breachesQuery, invariantsQuery } from './queries.ts';
import type { Invariant } from './shapes.ts';

const stateWords = { holds: 'Holds', broken: 'Broken', unchecked: 'Not checked' } as const;

/** What a breach is about, with the way to it where there is a page. */
function Subject({ subject }: { subject: string }): ReactNode {
  const [type = '', id = ''] = subject.split('/');
  if (type === 'fund')
    return (
      <Link to="/funds" search={{ fund: id }}>
        {subject}
      </Link>
    );
  if (type === 'promotion')
    return (
      <Link to="/promotions/$id" params={{ id }}>
        {subject}
      </Link>
    );
  if (type === 'deduction' || type === 'claim')
    return (
      <Link to={type === 'claim' ? '/claims' : '/deductions'} search={{ item: id }}>
        {subject}
      </Link>
    );
  if (type === 'period')
    return (
      <Link to="/accruals" search={{ period: id }}>
        {subject}
      </Link>
    );
  return (
    <Link to="/audit" search={{ entityId: id }}>
      {subject}
    </Link>
  );
}

function Row({ invariant }: { invariant: Invariant }) {
  const { name, statement, state, since, checkedAt, tookMs, failure, breaches } = invariant;
  return (
    <>
      <tr data-invariant={state}>
        <td>
          <span className="state" data-invariant={state}>
            <i aria-hidden="true" />
            {stateWords[state]}
          </span>
        </td>
        <td>
          {statement}
          <div className="t-faint t-sm">{name}</div>
        </td>
        <td className="num">{since ? instantText(since) : '–'}</td>
        <td className="num">{checkedAt ? clockText(checkedAt) : 'not yet'}</td>
        <td className="right num">{tookMs === null ? '–' : `${tookMs} ms`}</td>
      </tr>
      {failure && (
        <tr>
          <td />
          <td colSpan={4} className="neg">
            The check could not run: {failure}
          </td>
        </tr>
      )}
      {breaches.map((breach) => (
        <tr key={breach.subject}>
          <td />
          <td colSpan={2}>
            <Subject subject={breach.subject} /> <span className="neg">{breach.detail}</span>
          </td>
          <td colSpan={2} className="num t-dim">
            since {instantText(breach.openedAt)}
          </td>
        </tr>
      ))}
    </>
  );
}

function History() {
  const breaches = useQuery(breachesQuery);
  if (breaches.error) return <Refusal error={breaches.error} retry={() => void breaches.refetch()} />;
  if (!breaches.data) return <RowsLoading rows={3} />;
  if (breaches.data.items.length === 0)
    return <Empty title="Never broken">A breach that is found or gone appears here and stays.</Empty>;
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>When</th>
          <th>What</th>
          <th>Invariant</th>
          <th>Record</th>
          <th>Detail</th>
        </tr>
      </thead>
      <tbody>
        {breaches.data.items.map((each) => (
          <tr key={each.id}>
            <td className="num">{instantText(each.at)}</td>
            <td className={each.change === 'opened' ? 'neg' : undefined}>
              {each.change === 'opened' ? 'Found' : 'Gone'}
            </td>
            <td>{each.name}</td>
            <td>
              <Subject subject={each.subject} />
            </td>
            <td className="t-dim">{each.detail}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What must hold of the books at every moment, and whether it does. */
export function Invariants() {
  const invariants = useQuery(invariantsQuery);
  useChannel('alerts', (frame) => {
    if (frame.type === 'alerts_update') void invariants.refetch();
  });
  const items = invariants.data?.items ?? [];
  const broken = items.filter(({ state }) => state === 'broken').length;
  const unchecked = items.filter(({ state }) => state === 'unchecked').length;
  const exported = () => ({
    head: ['name', 'statement', 'state', 'since', 'checked_at', 'took_ms', 'breaches'],
    rows: items.map((one) => [
      ...[one.name, one.statement, one.state, one.since, one.checkedAt, one.tookMs],
      one.breaches.map(({ subject, detail }) => `${subject}: ${detail}`).join('; '),
    ]),
  });
  const sum = broken ? `${broken} broken` : unchecked ? `${unchecked} not checked` : 'all hold';
  return (
    <Screen
      title="Invariants"
      sub={
        invariants.data && (
          <span className={broken ? 'neg' : undefined}>
            {items.length} checked every {invariants.data.checkedEverySeconds} s: {sum}
          </span>
        )
      }
      actions={<ExportButton name="invariants" table={exported} disabled={items.length === 0} />}
    >
      <div className="stack" style={{ gap: 12 }}>
        {invariants.error && !invariants.data && (
          <Refusal error={invariants.error} retry={() => void invariants.refetch()} />
        )}
        {invariants.isPending && <RowsLoading rows={8} />}
        {items.length > 0 && (
          <Panel>
            <table className="grid">
              <thead>
                <tr>
                  <th style={{ width: 120 }}>State</th>
                  <th>What must hold</th>
                  <th style={{ width: 190 }}>Since</th>
                  <th style={{ width: 130 }}>Last checked</th>
                  <th className="right" style={{ width: 90 }}>
                    Took
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((invariant) => (
                  <Row key={invariant.name} invariant={invariant} />
                ))}
              </tbody>
            </table>
          </Panel>
        )}
        <Panel title="Breaches found and gone" className="scrolls">
          <History />
        </Panel>
      </div>
    </Screen>
  );
}
