import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { customersQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText, moneyText, today, wordsOf } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { categories } from './categories.ts';
import { autoSettlementQuery, modelQuery, reasonCodesQuery } from './queries.ts';
import { usePut } from './use-put.ts';
import { WriteOffLimits } from './write-off-limits.tsx';

function ReasonCodes() {
  const may = useMay();
  const codes = useQuery(reasonCodesQuery);
  const customers = useQuery(customersQuery);
  const roots = (customers.data ?? []).filter(({ parentId }) => parentId === null);
  const [customerId, setCustomerId] = useState('');
  const [code, setCode] = useState('');
  const [category, setCategory] = useState(categories[0] ?? '');
  const [validFrom, setValidFrom] = useState(today());
  const sending = usePut('/reason-codes', 'Recorded');
  const chosen = customerId || (roots[0]?.id ?? '');
  const names = new Map(customers.data?.map(({ id, name }) => [id, name]));
  const exported = () => ({
    head: ['retailer', 'code', 'category', 'valid_from', 'valid_to'],
    rows: (codes.data ?? []).map((one) => [
      ...[names.get(one.customerId), one.code, one.category, one.validFrom, one.validTo],
    ]),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim()) sending.put({ customerId: chosen, code: code.trim(), category, validFrom });
  };
  return (
    <Panel
      title="Reason codes of the retailers"
      aside={<ExportButton name="reason-codes" disabled={!codes.data?.length} table={exported} />}
    >
      {codes.error && <Refusal error={codes.error} retry={() => void codes.refetch()} />}
      {codes.isPending && <RowsLoading rows={4} />}
      <div style={{ maxHeight: 220, overflow: 'auto' }}>
        <table className="grid tight">
          <thead>
            <tr>
              <th>Retailer</th>
              <th>Code</th>
              <th>Means</th>
              <th>From</th>
              <th>To</th>
            </tr>
          </thead>
          <tbody>
            {codes.data?.map((one) => (
              <tr key={one.id}>
                <td>{names.get(one.customerId) ?? ''}</td>
                <td className="num">{one.code}</td>
                <td>{wordsOf(one.category)}</td>
                <td className="num">{dateText(one.validFrom)}</td>
                <td className="num">{dateText(one.validTo)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {may('claims:write') && (
        <form onSubmit={submit} className="row panel-body" style={{ alignItems: 'flex-end', flexWrap: 'wrap' }}>
          <NativeSelect
            label="Retailer"
            data={roots.map(({ id, name }) => ({ value: id, label: name }))}
            value={chosen}
            onChange={(event) => setCustomerId(event.currentTarget.value)}
          />
          <TextInput label="Code" w={80} value={code} onChange={(event) => setCode(event.currentTarget.value)} />
          <NativeSelect
            label="Means"
            data={categories.map((value) => ({ value, label: wordsOf(value) }))}
            value={category}
            onChange={(event) => setCategory(event.currentTarget.value)}
          />
          <TextInput
            label="From"
            type="date"
            value={validFrom}
            onChange={(event) => setValidFrom(event.currentTarget.value)}
          />
          <Button type="submit" disabled={code.trim() === ''} loading={sending.busy}>
            Record
          </Button>
        </form>
      )}
      {sending.error && <Refusal error={sending.error} />}
    </Panel>
  );
}

function AutoSettlement() {
  const may = useMay();
  const setting = useQuery(autoSettlementQuery);
  const [limit, setLimit] = useState('');
  const sending = usePut('/auto-settlement', 'Set');
  const currency = setting.data?.limit?.currency ?? 'USD';
  return (
    <Panel title="Settlement without a person">
      <div className="panel-body stack">
        {setting.error && <Refusal error={setting.error} />}
        <div>
          {setting.data?.limit
            ? `On up to ${moneyText(setting.data.limit)}, since ${instantText(setting.data.setAt)}.`
            : 'Off: nothing is settled without a person.'}{' '}
          <span className="t-dim">
            It takes exact evidence: the promotion’s code, one tactic, the amount to the cent, in time, seen for the
            first time, its proof attached. Whoever sets the limit counts as the settler.
          </span>
        </div>
        {may('claims:settle') && (
          <div className="row" style={{ alignItems: 'flex-end' }}>
            <TextInput
              label={`Limit, ${currency}`}
              inputMode="decimal"
              value={limit}
              onChange={(event) => setLimit(event.currentTarget.value)}
            />
            <Button
              disabled={!/^\d+([.,]\d+)?$/.test(limit.trim())}
              loading={sending.busy}
              onClick={() => sending.put({ limit: { amount: limit.trim().replace(',', '.'), currency } })}
            >
              Switch on
            </Button>
            <Button variant="default" disabled={!setting.data?.limit} onClick={() => sending.put({ limit: null })}>
              Switch off
            </Button>
          </div>
        )}
        {sending.error && <Refusal error={sending.error} />}
      </div>
    </Panel>
  );
}

function MatchModel() {
  const model = useQuery(modelQuery);
  if (!model.data) return model.error ? <Refusal error={model.error} /> : <RowsLoading rows={3} />;
  const { version, learnedFrom, confirmedSince, fittedAt, proposesFrom, weights, builtIn } = model.data;
  return (
    <Panel title={`Ranking of matches, version ${version}`}>
      <div className="panel-body t-dim">
        {version === 0
          ? `Built in, as nobody confirmed enough matches yet: ${confirmedSince} so far.`
          : `Learned from ${learnedFrom} confirmed matches on ${instantText(fittedAt)}; ${confirmedSince} since.`}{' '}
        Nothing is proposed below {Math.round(proposesFrom * 100)} %. Probability = e^(Σ weight × evidence) over the sum
        of all that was weighed.
      </div>
      <div style={{ maxHeight: 220, overflow: 'auto' }}>
        <table className="grid tight">
          <thead>
            <tr>
              <th>Evidence</th>
              <th className="right">Weight</th>
              <th className="right">Built in</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(weights).map(([name, weight]) => (
              <tr key={name} data-plain="a parameter of the model: where it was learned stands above">
                <td>{wordsOf(name)}</td>
                <td className={weight < 0 ? 'right num neg' : 'right num'}>{weight.toFixed(2)}</td>
                <td className="right num t-dim">{(builtIn[name] ?? 0).toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

/** What the desk works by: reason codes, limits, and the model that ranks matches. */
export function DeskSettings({ close }: { close(): void }) {
  return (
    <Modal opened onClose={close} title="What the desk works by" size="lg" transitionProps={{ duration: 80 }}>
      <div className="stack" style={{ gap: 12 }}>
        <ReasonCodes />
        <AutoSettlement />
        <WriteOffLimits />
        <MatchModel />
      </div>
    </Modal>
  );
}
