import { Button, Popover, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { instantText, rangeText } from '../../ui/format.ts';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import type { FiscalPeriod } from './periods.ts';
import { conditionsQuery } from './queries.ts';
import type { Agreement, Condition } from './shapes.ts';

function Record({
  agreement,
  lineCode,
  period,
  close,
}: {
  agreement: Agreement;
  lineCode: string;
  period: FiscalPeriod;
  close(): void;
}) {
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const record = useMutation({
    mutationFn: (met: boolean) => {
      const { fiscalYear, period: number } = period;
      const body = { lineCode, fiscalYear, period: number, met, note };
      return request(`/terms/${agreement.id}/conditions`, { method: 'POST', body });
    },
    onSuccess: (_, met) => {
      sayDone(met ? 'Recorded as met' : 'Recorded as unmet', `${lineCode}, period ${period.period}`);
      void client.invalidateQueries({ queryKey: ['terms'] });
      close();
    },
  });
  return (
    <div className="stack">
      <TextInput label="How do you know?" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      {record.error && <Refusal error={record.error} />}
      <div className="row">
        <Button loading={record.isPending} onClick={() => record.mutate(true)}>
          Met
        </Button>
        <Button variant="default" loading={record.isPending} onClick={() => record.mutate(false)}>
          Unmet
        </Button>
      </div>
    </div>
  );
}

function Period({
  agreement,
  lineCode,
  period,
  word,
}: {
  agreement: Agreement;
  lineCode: string;
  period: FiscalPeriod;
  word: Condition | undefined;
}) {
  const [opened, setOpened] = useState(false);
  const records = useMay()('funds:write');
  const state = word ? (word.met ? 'met' : 'unmet') : 'open';
  return (
    <Popover opened={opened} onChange={setOpened} width={280} shadow="md" withArrow trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={state === 'unmet' ? 'plain neg' : state === 'met' ? 'plain pos' : 'plain t-dim'}
          aria-label={`${lineCode}, period ${period.period}: ${state}`}
          onClick={() => setOpened(!opened)}
        >
          {state === 'met' ? '✓ met' : state === 'unmet' ? '✕ unmet' : 'open'}
        </button>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <div className="stack">
          <b>
            {lineCode} · FY{period.fiscalYear} P{period.period}
          </b>
          <div className="t-dim t-sm">{rangeText(period.startsOn, period.endsOn)}</div>
          <div className="t-sm">
            {word
              ? `${word.note || 'No reason given.'} ${instantText(word.recordedAt)}`
              : 'Not recorded: it is taken as met until it is.'}
          </div>
          {records && (
            <Record agreement={agreement} lineCode={lineCode} period={period} close={() => setOpened(false)} />
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Which conditions of an agreement were met, by fiscal period. */
export function Conditions({ agreement, periods }: { agreement: Agreement; periods: readonly FiscalPeriod[] }) {
  const lines = (agreement.current?.lines ?? []).filter(({ kind }) => kind === 'conditional');
  const words = useQuery({ ...conditionsQuery(agreement.id), enabled: lines.length > 0 });
  if (lines.length === 0) return null;
  const wordOn = (lineCode: string, period: FiscalPeriod) =>
    words.data?.items.find((word) => word.lineCode === lineCode && word.startsOn === period.startsOn);
  return (
    <Panel title={`Conditions, fiscal year ${periods[0]?.fiscalYear ?? ''}`} className="scrolls">
      {words.error && <Refusal error={words.error} retry={() => void words.refetch()} />}
      <table className="grid tight">
        <thead>
          <tr>
            <th>Term</th>
            {periods.map((period) => (
              <th key={period.startsOn} title={rangeText(period.startsOn, period.endsOn)}>
                P{period.period}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.code}>
              <td>
                <b>{line.code}</b>
              </td>
              {periods.map((period) => (
                <td key={period.startsOn}>
                  <Period agreement={agreement} lineCode={line.code} period={period} word={wordOn(line.code, period)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
