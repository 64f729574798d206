import { useQuery } from '@tanstack/react-query';
import { historyQuery, namesQuery, versionsQuery } from '../../api/queries.ts';
import type { PromotionVersion } from '../../api/shapes.ts';
import { instantText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { History } from '../evidence/lists.tsx';

function Version({ version, nameOf }: { version: PromotionVersion; nameOf(id: string): string }) {
  return (
    <details className="notice" style={{ display: 'block' }}>
      <summary>
        <span className="row" style={{ display: 'inline-flex' }}>
          <b>Version {version.version}</b>
          <span className="t-dim t-sm num">{instantText(version.recordedAt)}</span>
          <span className="t-dim">{nameOf(version.recordedBy)}</span>
          <StateBadge state={version.state} />
        </span>
      </summary>
      <pre className="json">{JSON.stringify(version.body, null, 2)}</pre>
    </details>
  );
}

/** What was planned before, and everything that happened. */
export function VersionsView({ id }: { id: string }) {
  const versions = useQuery(versionsQuery(id));
  const history = useQuery(historyQuery(id));
  const names = useQuery(namesQuery());
  const nameOf = (personId: string) => names.data?.items.find((person) => person.id === personId)?.name ?? 'The system';
  return (
    <div className="screen-body two" style={{ height: '100%' }}>
      <Panel title="History">
        {history.error ? (
          <Refusal error={history.error} />
        ) : history.data ? (
          <History items={history.data.items} />
        ) : (
          <RowsLoading rows={4} />
        )}
      </Panel>
      <Panel title="Versions">
        {versions.error ? (
          <Refusal error={versions.error} />
        ) : versions.data ? (
          versions.data.items.length > 0 ? (
            versions.data.items
              .toSorted((a, b) => b.version - a.version)
              .map((version) => <Version key={version.version} version={version} nameOf={nameOf} />)
          ) : (
            <Empty title="One version so far">A submission or an amendment writes the next.</Empty>
          )
        ) : (
          <RowsLoading rows={4} />
        )}
      </Panel>
    </div>
  );
}
