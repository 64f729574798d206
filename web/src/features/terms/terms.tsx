import { Button, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { customersQuery, productsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useChannel } from '../../live/use-live.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { AgreementForm } from './agreement-form.tsx';
import { AgreementView, type TermsSearch } from './agreement-view.tsx';
import { agreementsQuery } from './queries.ts';
import type { Agreement } from './shapes.ts';
import { kindWords, termText } from './words.ts';

/** Recalculates what is shown when terms, prices, shipments or promotions change, a burst of events at once. */
function useLiveTerms(): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useChannel('terms', (frame) => {
    if (frame.type !== 'data_change' && frame.type !== 'gap') return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['terms'] });
    }, 400);
  });
}

function stateOf({ current, draft }: Agreement): string {
  if (draft) return 'draft';
  return current ? 'agreed' : 'declined';
}

/** Every line of the agreements shown, in force or drafted. */
function exported(items: readonly Agreement[], names: ReadonlyMap<string, string>) {
  const head = [
    'code',
    'name',
    'customer',
    'product',
    'valid_from',
    'valid_to',
    'line_code',
    'kind',
    'rate',
    'condition',
  ];
  const rows = items.flatMap(({ code, customerId, productId, currency, current, draft }) => {
    const said = current ?? draft;
    return (said?.lines ?? []).map((line) => [
      ...[code, said?.name ?? '', names.get(customerId) ?? '', productId ? (names.get(productId) ?? '') : ''],
      ...[said?.validFrom ?? '', said?.validTo ?? '', line.code, kindWords[line.kind]],
      ...[termText(line, currency).join('; '), line.condition ?? ''],
    ]);
  });
  return { head, rows };
}

/** Trading terms: agreements by account, their conditions and tiers, and what they leave of the list price. */
export function Terms() {
  useLiveTerms();
  const search: TermsSearch = useSearch({ from: '/app/terms' });
  const navigate = useNavigate();
  const agreements = useQuery(agreementsQuery);
  const customers = useQuery(customersQuery);
  const products = useQuery(productsQuery);
  const [writing, setWriting] = useState<'new' | Agreement | null>(null);
  const drafts = useMay()('promotions:create');
  const names = useMemo(
    () => new Map([...(customers.data ?? []), ...(products.data ?? [])].map(({ id, name }) => [id, name])),
    [customers.data, products.data],
  );
  const text = (search.search ?? '').toLowerCase();
  const items = (agreements.data ?? [])
    .filter(({ draft }) => !search.open || draft)
    .filter((one) => {
      const said = one.current ?? one.draft;
      return `${one.code} ${said?.name ?? ''} ${names.get(one.customerId) ?? ''}`.toLowerCase().includes(text);
    })
    .toSorted(
      (a, b) =>
        (names.get(a.customerId) ?? '').localeCompare(names.get(b.customerId) ?? '') || a.code.localeCompare(b.code),
    );
  const put = (members: Partial<TermsSearch>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/terms', search: next, replace: true });
  };
  const at = items.findIndex(({ id }) => id === search.agreement);
  const shown = items[at] ?? items[0];
  const pick = (id: string) => put({ agreement: id, at: '', product: '' });
  const step = (by: number) => {
    const next = items[Math.min(Math.max(Math.max(at, 0) + by, 0), items.length - 1)];
    if (next) pick(next.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  const actions = (
    <>
      <ExportButton name="terms" disabled={items.length === 0} table={() => exported(items, names)} />
      {drafts && (
        <Button leftSection={<IconPlus size={14} />} onClick={() => setWriting('new')}>
          New agreement
        </Button>
      )}
    </>
  );
  return (
    <Screen
      title="Terms and agreements"
      sub={<span>{agreements.data ? `${items.length} agreements` : ''}</span>}
      actions={actions}
      flush
    >
      {agreements.error && !agreements.data ? (
        <Refusal error={agreements.error} retry={() => void agreements.refetch()} />
      ) : (
        <div className="panes" data-picked={search.agreement !== undefined}>
          <div className="pane-list">
            <div className="stack" style={{ padding: 8 }}>
              <TextInput
                aria-label="Filter agreements"
                placeholder="Filter agreements"
                leftSection={<IconSearch size={14} />}
                value={search.search ?? ''}
                onChange={(event) => put({ search: event.currentTarget.value })}
              />
              <Switch
                size="xs"
                label="Drafts that wait for a yes"
                checked={Boolean(search.open)}
                onChange={(event) => put({ open: event.currentTarget.checked ? '1' : '' })}
              />
            </div>
            {agreements.isPending && <RowsLoading rows={8} heightPx={52} />}
            {agreements.data && items.length === 0 && (
              <Empty title="No agreements">Draft one, or import your terms (kind “terms”).</Empty>
            )}
            {items.map((one) => (
              <button
                type="button"
                key={one.id}
                className="item"
                aria-current={one.id === shown?.id}
                onClick={() => pick(one.id)}
              >
                <div className="row spread">
                  <span className="title cut">{names.get(one.customerId) ?? '…'}</span>
                  <StateBadge state={stateOf(one)} />
                </div>
                <div className="row spread t-sm">
                  <span className="t-dim cut">{(one.current ?? one.draft)?.name ?? one.code}</span>
                  <span className="t-faint cut">{one.productId ? names.get(one.productId) : 'all products'}</span>
                </div>
              </button>
            ))}
          </div>
          <div className="pane-detail">
            {shown && (
              <AgreementView
                key={shown.id}
                agreement={shown}
                search={search}
                put={put}
                edit={() => drafts && setWriting(shown)}
              />
            )}
          </div>
        </div>
      )}
      {writing && (
        <AgreementForm
          agreement={writing === 'new' ? null : writing}
          customerId={shown?.customerId ?? ''}
          close={() => setWriting(null)}
          saved={({ id }) => pick(id)}
        />
      )}
    </Screen>
  );
}
