import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ClipboardEvent, type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { dateText } from '../../ui/format.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { lineNames, targetLines } from './lines.ts';
import type { AccountPlan, PeriodTarget, PlanPeriod, TargetLine } from './shapes.ts';

type Cells = Record<string, string>;

const cellOf = (period: number, line: TargetLine) => `${period}|${line}`;

function cellsOf(targets: readonly PeriodTarget[]): Cells {
  const cells: Cells = {};
  for (const target of targets) {
    for (const [line] of targetLines) {
      const text = target[line];
      if (text !== undefined) cells[cellOf(target.period, line)] = text;
    }
  }
  return cells;
}

function targetsOf(cells: Cells, periods: readonly PlanPeriod[]): PeriodTarget[] {
  return periods.flatMap(({ period }) => {
    const target: PeriodTarget = { period };
    for (const [line] of targetLines) {
      const text = cells[cellOf(period, line)]?.trim();
      if (text) target[line] = text;
    }
    return Object.keys(target).length > 1 ? target : [];
  });
}

/** Sets a plan's targets by period; a column or a block can be pasted from a spreadsheet. */
export function TargetsForm({
  plan,
  periods,
  close,
}: {
  plan: AccountPlan;
  periods: readonly PlanPeriod[];
  close(): void;
}) {
  const client = useQueryClient();
  const [cells, setCells] = useState(() => cellsOf(plan.targets));
  const save = useMutation({
    mutationFn: () =>
      request(`/account-plans/${plan.id}`, {
        method: 'PATCH',
        body: { targets: targetsOf(cells, periods) },
        ifMatch: plan.version,
      }),
    onSuccess: () => {
      sayDone('Targets saved', plan.name);
      void client.invalidateQueries({ queryKey: ['account-plans'] });
      close();
    },
  });
  const paste = (event: ClipboardEvent, row: number, column: number) => {
    const rows = event.clipboardData.getData('text').trimEnd().split(/\r?\n/);
    if (rows.length === 1 && !rows[0]?.includes('\t')) return;
    event.preventDefault();
    const next = { ...cells };
    rows.forEach((text, i) => {
      text.split('\t').forEach((value, j) => {
        const period = periods[row + i]?.period;
        const line = targetLines[column + j]?.[0];
        if (period !== undefined && line) next[cellOf(period, line)] = value.replace(/[\s,]/g, '');
      });
    });
    setCells(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} size="lg" title={`Targets of ${plan.name}`}>
      <form className="stack" onSubmit={submit}>
        <table className="grid tight">
          <thead>
            <tr>
              <th>Period</th>
              {targetLines.map(([line, unit]) => (
                <th key={line} className="right">
                  {lineNames[line]} <span className="unit">{unit === 'cases' ? 'cases' : plan.currency}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {periods.map(({ period, startsOn }, row) => (
              <tr key={period}>
                <td>
                  P{period} <span className="t-faint t-sm">{dateText(startsOn, false)}</span>
                </td>
                {targetLines.map(([line], column) => (
                  <td key={line}>
                    <TextInput
                      aria-label={`${lineNames[line]}, period ${period}`}
                      inputMode="decimal"
                      value={cells[cellOf(period, line)] ?? ''}
                      styles={{ input: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } }}
                      onPaste={(event) => paste(event, row, column)}
                      onChange={(event) =>
                        setCells({
                          ...cells,
                          [cellOf(period, line)]: event.currentTarget.value.replace(/[^\d.-]/g, ''),
                        })
                      }
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {save.error && <Refusal error={save.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save targets
          </Button>
        </div>
      </form>
    </Modal>
  );
}
