import { useQuery } from '@tanstack/react-query';
import { namesQuery } from '../../api/queries.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { LinesTable } from './lines-table.tsx';
import { termsVersionsQuery } from './queries.ts';
import type { Agreement, TermsVersion } from './shapes.ts';
import { kindWords, termText } from './words.ts';

/** Since when, and until when, people believed in a version. */
function believed({ agreedAt, supersededAt, madeAt, state }: TermsVersion): string {
  if (state === 'draft') return `drafted ${instantText(madeAt)}, not agreed`;
  if (state === 'declined') return `drafted ${instantText(madeAt)}, given up ${instantText(supersededAt)}`;
  return `in force from ${instantText(agreedAt)}${supersededAt ? ` to ${instantText(supersededAt)}` : ''}`;
}

/** Every version of an agreement, newest first: what changed, who wrote it and who agreed. */
export function HistoryView({ agreement }: { agreement: Agreement }) {
  const versions = useQuery(termsVersionsQuery(agreement.id));
  const names = useQuery(namesQuery());
  const nameOf = (id: string | null) =>
    names.data?.items.find((person) => person.id === id)?.name ?? 'somebody who left';
  if (versions.error) return <Refusal error={versions.error} retry={() => void versions.refetch()} />;
  if (!versions.data) return <RowsLoading rows={5} />;
  const { items } = versions.data;
  const exported = () => ({
    head: [
      ...['version', 'state', 'name', 'valid_from', 'valid_to', 'written_by', 'written_at', 'agreed_by', 'agreed_at'],
      ...['line_code', 'kind', 'rate', 'condition'],
    ],
    rows: items.flatMap(({ lines, ...one }) =>
      lines.map((line) => [
        ...[one.number, one.state, one.name, one.validFrom, one.validTo, nameOf(one.madeBy), one.madeAt],
        ...[one.agreedBy && nameOf(one.agreedBy), one.agreedAt, line.code, kindWords[line.kind]],
        ...[termText(line, agreement.currency).join('; '), line.condition],
      ]),
    ),
  });
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <ExportButton name={`history of ${agreement.code}`} table={exported} />
      </div>
      {items.map((version, i) => {
        const before = items[i + 1]?.lines;
        return (
          <Panel
            key={version.id}
            title={
              <>
                Version {version.number} <span className="t-dim">{version.name}</span>
              </>
            }
            aside={<StateBadge state={version.state} />}
          >
            <div className="notice t-sm t-dim" style={{ display: 'block' }}>
              {dateText(version.validFrom)} – {version.validTo ? dateText(version.validTo) : 'open end'} ·{' '}
              {believed(version)} · written by {nameOf(version.madeBy)}
              {version.agreedBy && `, agreed by ${nameOf(version.agreedBy)}`}
              {version.note && <div>{version.note}</div>}
            </div>
            <LinesTable lines={version.lines} currency={agreement.currency} {...(before ? { before } : {})} />
          </Panel>
        );
      })}
    </div>
  );
}
