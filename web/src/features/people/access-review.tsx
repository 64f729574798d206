import { ActionIcon, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { instantText, today } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { ProgramsReview } from './programs-review.tsx';
import { reviewQuery, rightsHistoryQuery } from './queries.ts';
import { ApprovalLimit, limitText, Reach } from './reach.tsx';
import { useRoleNames } from './role-names.ts';
import type { Review, Rights } from './shapes.ts';

/** What people and programs have in common on the sheet. */
const rightsCells = ({
  permissions,
  limits,
  scope,
  since,
}: Pick<Rights, 'permissions' | 'limits' | 'scope' | 'since'>) => [
  permissions.join(' '),
  limits.map(limitText).join('; '),
  scope.customers?.join(' '),
  scope.products?.join(' '),
  since,
];

function exported({ on, items, programs }: Review) {
  const head = ['on', 'kind', 'name', 'active', 'roles', 'approval_limit', 'made_by', 'keys', 'keys_to_rotate'];
  const yesNo = (active: boolean) => (active ? 'yes' : 'no');
  return {
    head: [...head, 'permissions', 'limits', 'customer_ids', 'product_ids', 'since'],
    rows: [
      ...items.map((one) => [
        ...[on, 'person', one.name, yesNo(one.active), one.roles.join(' '), one.approvalLimit, null, null, null],
        ...rightsCells(one),
      ]),
      ...programs.map((one) => [
        ...[on, 'program', one.name, yesNo(one.active), null, null, one.madeBy.name],
        ...[one.keys.map(({ name }) => name).join('; '), one.keys.filter(({ rotate }) => rotate).length],
        ...rightsCells(one),
      ]),
    ],
  };
}

function Since({ since, seeded }: Rights) {
  return (
    <span className="num" title={seeded ? 'The history begins here: it may have stood otherwise before.' : undefined}>
      {instantText(since)}
      {seeded && ' *'}
    </span>
  );
}

function History({ id, name, close }: { id: string; name: string; close(): void }) {
  const history = useQuery(rightsHistoryQuery(id));
  const roleName = useRoleNames();
  return (
    <aside className="beside-pane">
      <div className="row spread">
        <h2>{name}</h2>
        <ActionIcon variant="subtle" aria-label="Close" onClick={close}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {history.error && <Refusal error={history.error} retry={() => void history.refetch()} />}
      {history.isPending && <RowsLoading rows={4} />}
      {history.data?.map((one) => (
        <div key={one.since} className="stack" style={{ gap: 4, marginBottom: 12 }}>
          <div>
            <Since {...one} /> {!one.active && <span className="tag">no access</span>}
          </div>
          <div>{one.roles.map(roleName).join(', ')}</div>
          <Reach scope={one.scope} limits={one.limits} />
          <div className="t-dim t-sm">{one.permissions.join(', ')}</div>
        </div>
      ))}
    </aside>
  );
}

/** Which people and programs had which rights at the end of a day. */
export function AccessReview({ head }: { head: ReactNode }) {
  const search = useSearch({ from: '/app/people' });
  const navigate = useNavigate();
  const review = useQuery(reviewQuery(search.on));
  const roleName = useRoleNames();
  const items = review.data?.items ?? [];
  const at = items.findIndex(({ personId }) => personId === search.row);
  const shown = items[at];
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/people', search: next, replace: true });
  };
  const step = (by: number) => {
    const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
    if (next) put({ row: next.personId });
  };
  useKeys({ j: () => step(1), k: () => step(-1), escape: () => put({ row: '' }) });
  return (
    <Screen
      title="Access review"
      sub={head}
      actions={
        <>
          <TextInput
            type="date"
            aria-label="At the end of"
            max={today()}
            value={search.on ?? today()}
            onChange={(event) => put({ on: event.currentTarget.value })}
          />
          <ExportButton
            name={`access-review-${review.data?.on ?? ''}`}
            disabled={items.length === 0}
            table={() => exported(review.data ?? { on: '', at: '', items: [], programs: [] })}
          />
        </>
      }
      flush
    >
      {review.error && <Refusal error={review.error} retry={() => void review.refetch()} />}
      {review.isPending && <RowsLoading rows={9} />}
      {review.data && items.length === 0 && <Empty title="Nobody was a member on that day">Choose a later day.</Empty>}
      {items.length > 0 && (
        <div className={shown ? 'beside' : 'beside alone'} style={{ height: '100%' }}>
          <div className="grid-wrap">
            <table className="grid">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Roles</th>
                  <th>Kept to</th>
                  <th className="right">Approved up to</th>
                  <th className="right">Permissions</th>
                  <th>So since</th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr
                    key={one.personId}
                    data-link=""
                    aria-selected={one.personId === search.row}
                    onClick={() => put({ row: one.personId })}
                  >
                    <td style={{ whiteSpace: 'nowrap' }}>
                      <button type="button" className="plain" onClick={() => put({ row: one.personId })}>
                        <b>{one.name}</b>
                      </button>{' '}
                      {!one.active && <span className="tag">no access</span>}
                    </td>
                    <td>{one.roles.map(roleName).join(', ')}</td>
                    <td>
                      <Reach scope={one.scope} limits={one.limits} />
                    </td>
                    <td className="right" data-plain="a personal limit: the audit trail tells who set it and when">
                      <ApprovalLimit {...one} />
                    </td>
                    <td className="right num">{one.active ? one.permissions.length : 0}</td>
                    <td>
                      <Since {...one} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            <h2 style={{ margin: '20px 12px 8px', fontSize: 14 }}>Programs</h2>
            <ProgramsReview programs={review.data?.programs ?? []} />
          </div>
          {shown && <History id={shown.personId} name={shown.name} close={() => put({ row: '' })} />}
        </div>
      )}
    </Screen>
  );
}
