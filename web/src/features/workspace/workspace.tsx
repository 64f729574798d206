import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '../../api/problem.ts';
import { customersQuery, promotionQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { rangeText } from '../../ui/format.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { AmendEditor } from '../amendments/amend-editor.tsx';
import { Amendments } from '../amendments/amendments.tsx';
import { Editor } from './editor.tsx';
import { amendableStates, LifeActions } from './life-actions.tsx';
import { PostEventView } from './post-event.tsx';
import { VersionsView } from './versions.tsx';

const measurable = new Set(['ended', 'in_settlement', 'closed']);
/** States of a promotion that was never in force. */
const unapproved = new Set(['draft', 'submitted', 'rejected']);

/** Refusals of an id that is none, or of nothing that this person may see. */
const unknownAddress = new Set(['request.malformed', 'not_found']);

/** One promotion: plan, versions and history, and what it really earned. */
export function Workspace() {
  const { id } = useParams({ from: '/app/promotions/$id' });
  const { tab, from, asOf } = useSearch({ from: '/app/promotions/$id' });
  const may = useMay();
  const navigate = useNavigate();
  const [unsaved, setUnsaved] = useState(false);
  const promotion = useQuery(promotionQuery(id));
  const customers = useQuery(customersQuery);
  if (promotion.error && !promotion.data) {
    return (
      <Screen title="Promotion">
        {unknownAddress.has(asProblem(promotion.error).code) ? (
          <Empty title="There is no promotion at this address">
            The link may be old or incomplete. <Link to="/promotions">Go to the promotions</Link>
          </Empty>
        ) : (
          <Refusal error={promotion.error} retry={() => void promotion.refetch()} />
        )}
      </Screen>
    );
  }
  if (!promotion.data) {
    return (
      <Screen title="Promotion">
        <RowsLoading rows={12} />
      </Screen>
    );
  }
  const record = promotion.data;
  const customer = customers.data?.find((each) => each.id === record.customerId);
  const canAmend = amendableStates.includes(record.state) && may('promotions:update');
  const wanted = tab === 'amend' && !canAmend ? 'amendments' : tab;
  const shownTab = wanted ?? (measurable.has(record.state) ? 'result' : 'plan');
  const sub = (
    <>
      <span className="num">{record.code}</span>
      <StateBadge state={record.state} />
      <span className="cut">{customer?.name}</span>
      <span className="num">{rangeText(record.startsOn, record.endsOn)}</span>
      <span className="tag">version {record.version}</span>
    </>
  );
  return (
    <Screen title={record.name} sub={sub} actions={<LifeActions promotion={record} unsaved={unsaved} />} flush>
      <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
        <Tabs
          value={shownTab}
          onChange={(value) =>
            void navigate({ to: '/promotions/$id', params: { id }, search: value ? { tab: value } : {}, replace: true })
          }
        >
          <Tabs.List px={16}>
            <Tabs.Tab value="plan">Plan</Tabs.Tab>
            <Tabs.Tab value="result" disabled={!measurable.has(record.state)}>
              Post-event
            </Tabs.Tab>
            <Tabs.Tab value="amendments" disabled={unapproved.has(record.state)}>
              Amendments
            </Tabs.Tab>
            {shownTab === 'amend' && <Tabs.Tab value="amend">Amend</Tabs.Tab>}
            <Tabs.Tab value="versions">Versions and history</Tabs.Tab>
          </Tabs.List>
        </Tabs>
        <div style={{ flex: 1, minHeight: 0 }}>
          {shownTab === 'plan' && <Editor key={record.id} promotion={record} setUnsaved={setUnsaved} />}
          {shownTab === 'result' && <PostEventView id={id} />}
          {shownTab === 'amendments' && <Amendments promotion={record} amendable={canAmend} />}
          {shownTab === 'amend' && <AmendEditor promotion={record} from={from} setUnsaved={setUnsaved} />}
          {shownTab === 'versions' && <VersionsView id={id} asOf={asOf} />}
        </div>
      </div>
    </Screen>
  );
}
