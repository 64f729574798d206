import { SegmentedControl, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { rulesQuery } from './queries.ts';
import { SeverityTag } from './severity-tag.tsx';
import { type DetectionRule, remedyWords } from './shapes.ts';

function exported(rules: readonly DetectionRule[]) {
  return {
    head: ['rule', 'severity', 'on', 'remedy', 'mode', 'incidents_30_days', 'attacks', 'false_alarms', 'open'],
    rows: rules.map(({ id, severity, enabled, remedy, mode, hits }) => [
      ...[id, severity, enabled ? 'yes' : 'no', remedy, mode],
      ...[hits.incidents, hits.attacks, hits.falseAlarms, hits.open].map(String),
    ]),
  };
}

/** Of the incidents that people judged, how many were attacks. */
function rightText({ attacks, falseAlarms }: DetectionRule['hits']): string {
  const judged = attacks + falseAlarms;
  return judged === 0 ? '–' : `${Math.round((100 * attacks) / judged)} %`;
}

function RuleRow({ rule, manages }: { rule: DetectionRule; manages: boolean }) {
  const client = useQueryClient();
  const set = useMutation({
    mutationFn: (body: { enabled?: boolean; mode?: string }) =>
      request<{ items: DetectionRule[] }>('/security/rules', { method: 'PATCH', body: { rule: rule.id, ...body } }),
    onSuccess: (answer) => client.setQueryData(rulesQuery.queryKey, answer),
    onError: sayRefused,
  });
  return (
    <tr>
      <td>
        <Switch
          aria-label={`${rule.title}: on`}
          checked={rule.enabled}
          disabled={!manages || set.isPending}
          onChange={(event) => set.mutate({ enabled: event.currentTarget.checked })}
        />
      </td>
      <td>
        <strong>{rule.title}</strong> <SeverityTag severity={rule.severity} />
        <div className="t-dim t-sm">{rule.what}</div>
        <div className="t-faint t-sm">{rule.why}</div>
      </td>
      <td>
        {rule.remedy ? (
          <>
            {remedyWords[rule.remedy]}
            <SegmentedControl
              size="xs"
              aria-label={`${rule.title}: what it does`}
              disabled={!manages || set.isPending}
              data={[
                { value: 'act', label: 'by itself' },
                { value: 'dry_run', label: 'dry run' },
              ]}
              value={rule.mode}
              onChange={(mode) => set.mutate({ mode })}
            />
          </>
        ) : (
          <span className="t-faint">only tells</span>
        )}
      </td>
      <td className="right num">
        <Link to="/security-alerts" search={{ rule: rule.id, state: 'all' }}>
          {rule.hits.incidents}
        </Link>
      </td>
      <td className="right num">{rule.hits.open}</td>
      <td className="right num">{rightText(rule.hits)}</td>
    </tr>
  );
}

/** The rules: what each looks for, whether it is on, what it does, and how often it was right. */
export function Rules({ head }: { head: ReactNode }) {
  const rules = useQuery(rulesQuery);
  const manages = useMay()('users:manage');
  const items = rules.data?.items ?? [];
  return (
    <Screen
      title="Security alerts"
      sub={head}
      actions={<ExportButton name="detection-rules" disabled={items.length === 0} table={() => exported(items)} />}
      flush
    >
      {rules.error && !rules.data && <Refusal error={rules.error} retry={() => void rules.refetch()} />}
      {rules.isPending && <RowsLoading rows={10} heightPx={60} />}
      {items.length > 0 && (
        <table className="grid wrap">
          <thead>
            <tr>
              <th style={{ width: 56 }}>On</th>
              <th>Rule</th>
              <th style={{ width: 190 }}>What it does</th>
              <th className="right">Incidents, 30 days</th>
              <th className="right">To do</th>
              <th className="right">Were attacks</th>
            </tr>
          </thead>
          <tbody>
            {items.map((rule) => (
              <RuleRow key={rule.id} rule={rule} manages={manages} />
            ))}
          </tbody>
        </table>
      )}
    </Screen>
  );
}
