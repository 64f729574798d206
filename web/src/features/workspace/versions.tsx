import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { PromotionVersion } from '../../api/promotion-shapes.ts';
import { historyQuery, namesQuery, versionsQuery } from '../../api/queries.ts';
import { Comments } from '../../ui/comments.tsx';
import { instantText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { AsOf } from '../amendments/as-of.tsx';
import { Changes } from '../amendments/difference.tsx';
import type { TermChange } from '../amendments/shapes.ts';
import { History } from '../evidence/lists.tsx';

function Version({
  version,
  nameOf,
  show,
}: {
  version: PromotionVersion & { changes: TermChange[] };
  nameOf(id: string): string;
  show(): void;
}) {
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
      {version.changes.length > 0 ? (
        <Changes changes={version.changes} />
      ) : (
        <div className="t-dim t-sm">
          {version.version === 1 ? 'As it was planned first.' : 'The terms stayed the same.'}
        </div>
      )}
      <Button variant="subtle" onClick={show}>
        Show what was believed then
      </Button>
    </details>
  );
}

/** What was planned before, and everything that happened. */
export function VersionsView({ id, asOf }: { id: string; asOf: string | undefined }) {
  const navigate = useNavigate();
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
      <div className="stack" style={{ gap: 12 }}>
        <AsOf id={id} asOf={asOf} />
        <Comments subjectType="promotion" subjectId={id} />
        <Panel title="Versions">
          {versions.error ? (
            <Refusal error={versions.error} />
          ) : versions.data ? (
            versions.data.items.length > 0 ? (
              versions.data.items
                .toSorted((a, b) => b.version - a.version)
                .map((version) => (
                  <Version
                    key={version.version}
                    version={version}
                    nameOf={nameOf}
                    show={() =>
                      void navigate({
                        ...{ to: '/promotions/$id', params: { id }, replace: true },
                        search: { tab: 'versions', asOf: version.recordedAt },
                      })
                    }
                  />
                ))
            ) : (
              <Empty title="One version so far">A submission or an amendment writes the next.</Empty>
            )
          ) : (
            <RowsLoading rows={4} />
          )}
        </Panel>
      </div>
    </div>
  );
}
