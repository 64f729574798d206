import { Button, Select, Tabs } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { customersQuery, productsQuery, weeksQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { dateText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Panel, Refusal } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { AttainmentView } from './attainment.tsx';
import { Conditions } from './conditions.tsx';
import { HistoryView } from './history-view.tsx';
import { LinesTable } from './lines-table.tsx';
import { currentYear, periodsOf } from './periods.ts';
import type { Agreement, TermsVersion } from './shapes.ts';
import { WaterfallView } from './waterfall-view.tsx';

const tabs = ['terms', 'attainment', 'waterfall', 'history'] as const;
const tabWords: Record<(typeof tabs)[number], string> = {
  ...{ terms: 'Terms', attainment: 'Tiers', waterfall: 'Waterfall', history: 'History' },
};

/** What the address keeps of the screen. */
export interface TermsSearch {
  agreement?: string;
  search?: string;
  open?: string;
  tab?: string;
  year?: string;
  at?: string;
  product?: string;
}

function Decision({ agreement, draft }: { agreement: Agreement; draft: TermsVersion }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const user = useUser();
  const decides = useMay()('funds:approve');
  const own = user?.id === draft.madeBy;
  const decide = useMutation({
    mutationFn: (what: 'agree' | 'decline') =>
      request(`/terms/${agreement.id}/${what}`, {
        ...{ method: 'POST', ifMatch: agreement.version },
        ...(what === 'decline' ? { body: { reason: '' } } : {}),
      }),
    onSuccess: (_, what) => {
      sayDone(what === 'agree' ? 'Agreed: in force from now on' : 'Declined', agreement.code);
      void client.invalidateQueries({ queryKey: ['terms'] });
    },
  });
  const may = decides && !own;
  useKeys(
    { a: () => once(() => decide.mutateAsync('agree')), r: () => once(() => decide.mutateAsync('decline')) },
    may,
  );
  return (
    <Panel title={`Draft, version ${draft.number}`} aside={<StateBadge state="draft" />}>
      <div className="notice t-sm" style={{ display: 'block' }}>
        {draft.name} · {dateText(draft.validFrom)} – {draft.validTo ? dateText(draft.validTo) : 'open end'}.{' '}
        <span className="t-dim">
          {own && 'You wrote it: somebody else agrees. '}
          {!own && !decides && 'It waits for somebody who may approve money. '}
          What is in force stays until then.
        </span>
      </div>
      <LinesTable
        lines={draft.lines}
        currency={agreement.currency}
        {...(agreement.current ? { before: agreement.current.lines } : {})}
      />
      {decide.error && <Refusal error={decide.error} />}
      {may && (
        <div className="panel-body actions-bar">
          <Button
            rightSection={<span className="kbd">a</span>}
            loading={decide.isPending}
            onClick={() => once(() => decide.mutateAsync('agree'))}
          >
            Agree
          </Button>
          <Button
            variant="default"
            rightSection={<span className="kbd">r</span>}
            loading={decide.isPending}
            onClick={() => once(() => decide.mutateAsync('decline'))}
          >
            Decline
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Head({ agreement, edit, back }: { agreement: Agreement; edit(): void; back(): void }) {
  const customers = useQuery(customersQuery);
  const products = useQuery(productsQuery);
  const drafts = useMay()('promotions:create');
  const said = agreement.current ?? agreement.draft;
  const customer = customers.data?.find(({ id }) => id === agreement.customerId);
  const product = products.data?.find(({ id }) => id === agreement.productId);
  return (
    <div className="task-head">
      <div>
        <Button variant="subtle" className="back" onClick={back}>
          ‹ All agreements
        </Button>
        <h2 style={{ fontSize: 16 }}>
          {customer?.name ?? '…'} · {said?.name ?? agreement.code}
        </h2>
        <div className="t-dim">
          {agreement.code} · {agreement.productId ? (product?.name ?? '…') : 'all products'} · {agreement.currency}
          {said && ` · ${dateText(said.validFrom)} – ${said.validTo ? dateText(said.validTo) : 'open end'}`}
        </div>
      </div>
      {drafts && (
        <Button variant="default" rightSection={<span className="kbd">e</span>} onClick={edit}>
          Change
        </Button>
      )}
    </div>
  );
}

/** One agreement: its terms and conditions, tiers, waterfall and history. */
export function AgreementView({
  agreement,
  search,
  put,
  edit,
}: {
  agreement: Agreement;
  search: TermsSearch;
  put(members: Partial<TermsSearch>): void;
  edit(): void;
}) {
  const weeks = useQuery(weeksQuery);
  const years = [...new Set((weeks.data ?? []).map(({ fiscalYear }) => fiscalYear))];
  const year = Number(search.year ?? currentYear(weeks.data ?? []) ?? 0);
  const periods = periodsOf(weeks.data ?? [], year);
  const tab = tabs.find((one) => one === search.tab) ?? 'terms';
  const step = (by: number) => put({ tab: tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length] ?? 'terms' });
  useKeys({ e: edit, ']': () => step(1), '[': () => step(-1) });
  return (
    <div className="stack" style={{ gap: 12 }}>
      <Head agreement={agreement} edit={edit} back={() => put({ agreement: '' })} />
      <Tabs value={tab} onChange={(value) => put({ tab: value ?? '' })}>
        <div className="row spread">
          <Tabs.List>
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {tabWords[one]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {tab !== 'history' && years.length > 0 && (
            <Select
              aria-label="Fiscal year"
              w={110}
              allowDeselect={false}
              data={years.map((one) => ({ value: String(one), label: `FY ${one}` }))}
              value={String(year)}
              onChange={(value) => put({ year: value ?? '' })}
            />
          )}
        </div>
      </Tabs>
      {weeks.error && <Refusal error={weeks.error} retry={() => void weeks.refetch()} />}
      {tab === 'terms' && (
        <>
          {agreement.draft && <Decision agreement={agreement} draft={agreement.draft} />}
          {agreement.current ? (
            <Panel title={`In force, version ${agreement.current.number}`} aside={<StateBadge state="agreed" />}>
              <LinesTable lines={agreement.current.lines} currency={agreement.currency} />
            </Panel>
          ) : (
            !agreement.draft && (
              <Empty title="Nothing was agreed">The draft was declined. Change it to draft it anew.</Empty>
            )
          )}
          {periods.length > 0 && <Conditions agreement={agreement} periods={periods} />}
        </>
      )}
      {tab === 'attainment' && year > 0 && <AttainmentView agreement={agreement} fiscalYear={year} />}
      {tab === 'waterfall' && (
        <WaterfallView
          customerId={search.at ?? agreement.customerId}
          productId={search.product ?? agreement.productId ?? ''}
          periods={periods}
          put={put}
        />
      )}
      {tab === 'history' && <HistoryView agreement={agreement} />}
    </div>
  );
}
