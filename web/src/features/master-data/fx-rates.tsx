import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText, today } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { fxRatesQuery } from './queries.ts';
import type { FxRate } from './shapes.ts';

/** Whether a text is a rate as the API takes it. */
const isRate = (text: string) => /^\d{1,7}(\.\d{1,10})?$/.test(text) && /[1-9]/.test(text);
const plain = (text: string) => text.trim().replace(',', '.');

/** The rates in force on a day: of each type and pair the latest of that day or before, of one day the one recorded last. */
function inForceOn(rates: readonly FxRate[], day: string): ReadonlySet<string> {
  const found = new Map<string, FxRate>();
  for (const rate of rates) {
    if (rate.on > day) continue;
    const key = `${rate.type} ${rate.from} ${rate.to}`;
    const known = found.get(key);
    if (!known || `${rate.on} ${rate.recordedAt}` > `${known.on} ${known.recordedAt}`) found.set(key, rate);
  }
  return new Set([...found.values()].map(({ id }) => id));
}

function NewRate() {
  const client = useQueryClient();
  const once = useOneAtATime();
  const home = useUser()?.tenant?.currency ?? 'USD';
  const [draft, setDraft] = useState({ type: 'plan', from: '', to: home, on: today(), rate: '', source: '' });
  const put = (name: keyof typeof draft) => (event: { currentTarget: { value: string } }) =>
    setDraft({ ...draft, [name]: event.currentTarget.value });
  const [type, from, to] = [draft.type.trim(), draft.from.trim().toUpperCase(), draft.to.trim().toUpperCase()];
  const ready = type !== '' && from.length === 3 && to.length === 3 && draft.on !== '' && isRate(plain(draft.rate));
  const record = useMutation({
    mutationFn: () => {
      const source = draft.source.trim();
      const body = { type, from, to, on: draft.on, rate: plain(draft.rate), ...(source ? { source } : {}) };
      return request<FxRate>('/fx-rates', { method: 'POST', body });
    },
    onSuccess: (made) => {
      sayDone('Rate recorded', `1 ${made.from} = ${made.rate} ${made.to}, ${made.type}, from ${dateText(made.on)}`);
      setDraft({ ...draft, rate: '' });
      void client.invalidateQueries({ queryKey: ['fx-rates'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) once(() => record.mutateAsync());
  };
  return (
    <form onSubmit={submit} className="panel-body stack">
      <div className="row" style={{ gap: 8, alignItems: 'flex-end', flexWrap: 'wrap' }}>
        <TextInput
          label="Type"
          placeholder="plan, closing, average"
          w={150}
          value={draft.type}
          onChange={put('type')}
        />
        <TextInput label="One" placeholder="EUR" w={76} maxLength={3} value={draft.from} onChange={put('from')} />
        <TextInput label="is in" placeholder="USD" w={76} maxLength={3} value={draft.to} onChange={put('to')} />
        <TextInput
          label="Rate"
          placeholder="1.0842"
          inputMode="decimal"
          w={120}
          value={draft.rate}
          onChange={put('rate')}
        />
        <TextInput label="From" type="date" value={draft.on} onChange={put('on')} />
        <TextInput
          label="Source (optional)"
          placeholder="Central bank, budget round"
          className="grow"
          value={draft.source}
          onChange={put('source')}
        />
        <Button type="submit" variant="default" disabled={!ready} loading={record.isPending}>
          Record
        </Button>
      </div>
      {record.error && <Refusal error={record.error} />}
    </form>
  );
}

function Rates({ rates, text }: { rates: readonly FxRate[]; text: string }) {
  const names = useQuery(namesQuery());
  const mayAudit = useMay()('audit:read');
  const inForce = inForceOn(rates, today());
  const nameOf = (id: string) => names.data?.items.find((person) => person.id === id)?.name ?? 'somebody who left';
  const items = rates.filter(({ type, from, to, source }) =>
    `${type} ${from} ${to} ${source}`.toLowerCase().includes(text.toLowerCase()),
  );
  const exported = () => ({
    head: [
      'type',
      'from_currency',
      'to_currency',
      'valid_on',
      'rate',
      'in_force',
      'source',
      'recorded_by',
      'recorded_at',
    ],
    rows: items.map((one) => [
      ...[one.type, one.from, one.to, one.on, { decimal: one.rate }, inForce.has(one.id) ? 'yes' : 'no'],
      ...[one.source, nameOf(one.recordedBy), one.recordedAt],
    ]),
  });
  return (
    <Panel
      title="Exchange rates, the youngest day first"
      className="scrolls"
      aside={<ExportButton name="exchange-rates" disabled={items.length === 0} table={exported} />}
    >
      {items.length === 0 && (
        <Empty title={text ? 'Nothing fits the filter' : 'No exchange rate yet'}>
          Record one below, or import them (kind “fx_rates”). Until then nothing is converted: money of another currency
          is refused.
        </Empty>
      )}
      {items.length > 0 && (
        <table className="grid tight">
          <thead>
            <tr>
              <th>Type</th>
              <th>One</th>
              <th className="right">is</th>
              <th>From</th>
              <th>Source</th>
              <th>Recorded</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <td>
                  {one.type} {inForce.has(one.id) && <span className="tag">in force</span>}
                </td>
                <td className="num">{one.from}</td>
                <td className="right num" data-plain="as it was entered: by whom and when stands beside it">
                  {one.rate} <span className="unit">{one.to}</span>
                </td>
                <td className="num">{dateText(one.on)}</td>
                <td className="t-dim">{one.source || '–'}</td>
                <td className="num t-dim">
                  {mayAudit ? (
                    <Link to="/audit" search={{ entityId: one.id }}>
                      {instantText(one.recordedAt)}
                    </Link>
                  ) : (
                    instantText(one.recordedAt)
                  )}
                  , {nameOf(one.recordedBy)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** Exchange rates by type and day; a rate is never changed, a later one of the same day takes its place. */
export function FxRates() {
  const rates = useQuery(fxRatesQuery);
  const writes = useMay()('funds:write');
  const [text, setText] = useState('');
  if (rates.error) return <Refusal error={rates.error} retry={() => void rates.refetch()} />;
  if (!rates.data) return <RowsLoading rows={10} />;
  return (
    <div className="stack" style={{ gap: 12, padding: 16 }}>
      <div className="row spread">
        <TextInput
          aria-label="Filter exchange rates"
          placeholder="Type, currency or source"
          w={260}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <span className="t-dim t-sm">
          A rate holds from its day until a later one of its type; it is never turned round and never taken of another
          type.
        </span>
      </div>
      <Rates rates={rates.data} text={text} />
      {writes && (
        <Panel title="Record a rate">
          <NewRate />
        </Panel>
      )}
    </div>
  );
}
