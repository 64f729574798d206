import { Button, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { instantText } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { checklistQuery } from './queries.ts';
import type { Checklist, Period } from './shapes.ts';

type Check = Checklist['checks'][number];

/** Something that a check names; a deduction or claim leads to the desk. */
function Named({ item }: { item: string }) {
  const [, kind, reference] = /^(deduction|claim) (\S+)$/.exec(item) ?? [];
  if (!reference) return item;
  return (
    <Link to={kind === 'claim' ? '/claims' : '/deductions'} search={{ search: reference }}>
      {item}
    </Link>
  );
}

function CheckRow({
  check,
  reason,
  setReason,
  waivable,
}: {
  check: Check;
  reason: string;
  setReason(reason: string): void;
  waivable: boolean;
}) {
  const Icon = check.passed ? IconCheck : check.hard ? IconX : IconAlertTriangle;
  return (
    <div className="notice" data-severity={check.passed ? 'none' : check.hard ? 'block' : 'warn'}>
      <Icon size={16} aria-hidden="true" />
      <div className="grow" style={{ minWidth: 0 }}>
        <div>
          <strong>{check.title}</strong>{' '}
          <span className="t-dim">{check.passed ? 'yes' : check.hard ? 'no, and it must be' : 'no'}</span>
        </div>
        {check.found && <div>{check.found}</div>}
        {check.items.length > 0 && (
          <div className="t-dim t-sm num" style={{ whiteSpace: 'normal' }}>
            {[...new Set(check.items)].map((item, at) => (
              <Fragment key={item}>
                {at > 0 && ' · '}
                <Named item={item} />
              </Fragment>
            ))}
          </div>
        )}
        {!check.passed && !check.hard && waivable && (
          <TextInput
            mt={6}
            aria-label={`Reason to set aside: ${check.title}`}
            placeholder="Reason to close all the same"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
      </div>
    </div>
  );
}

function useChange(period: Period) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ step, body }: { step: string; body?: object; done: string }) =>
      request(`/periods/${period.id}/${step}`, { method: 'POST', body, ifMatch: period.version }),
    onSuccess: (_answer, { done }) => {
      sayDone(done);
      // A closed period is no longer the one that is shown by itself.
      void navigate({ to: '/accruals', search: { period: period.id, view: 'close' }, replace: true });
    },
    onSettled: () => void client.invalidateQueries({ queryKey: ['books'] }),
  });
}

function Reopen({ period }: { period: Period }) {
  const [reason, setReason] = useState('');
  const user = useUser();
  const once = useOneAtATime();
  const change = useChange(period);
  const asked = period.reopenAskedBy !== null;
  if (asked && period.reopenAskedBy === user?.id)
    return <Empty title="You asked to reopen it">A second person who may close periods reopens it here.</Empty>;
  const run = () =>
    change.mutateAsync({ step: 'reopen', body: { reason }, done: asked ? 'Reopened' : 'Asked to reopen' });
  return (
    <div className="panel-body stack">
      <div className="t-dim">
        {asked
          ? 'Somebody asked to reopen this period; you can agree.'
          : 'Reopening takes two people: one asks, another agrees.'}
      </div>
      <Textarea
        label="Reason"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        autosize
        minRows={2}
      />
      {change.error && <Refusal error={change.error} />}
      <div>
        <Button variant="default" disabled={reason.trim() === ''} loading={change.isPending} onClick={() => once(run)}>
          {asked ? 'Agree and reopen' : 'Ask to reopen'}
        </Button>
      </div>
    </div>
  );
}

function Close({ period, checks }: { period: Period; checks: readonly Check[] }) {
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const may = useMay();
  const once = useOneAtATime();
  const change = useChange(period);
  const failing = checks.filter(({ passed }) => !passed);
  const waive = failing.flatMap(({ key, hard }) => {
    const reason = reasons[key]?.trim();
    return !hard && reason ? [{ check: key, reason }] : [];
  });
  const ready = failing.every(({ key, hard }) => !hard && waive.some(({ check }) => check === key));
  const soft = period.state === 'open';
  const run = () =>
    soft
      ? change.mutateAsync({ step: 'soft-close', done: 'Soft closed' })
      : change.mutateAsync({ step: 'close', body: { waive }, done: 'Closed' });
  return (
    <>
      {checks.map((check) => (
        <CheckRow
          key={check.key}
          check={check}
          reason={reasons[check.key] ?? ''}
          setReason={(reason) => setReasons({ ...reasons, [check.key]: reason })}
          waivable={!soft && may('periods:close')}
        />
      ))}
      {may('periods:close') && (
        <div className="panel-body stack">
          {change.error && <Refusal error={change.error} />}
          <div className="row spread">
            <span className="t-dim">
              {soft
                ? 'Soft close: settlements go to the next open period, accruals still go in.'
                : ready
                  ? 'Once closed, the period takes nothing.'
                  : 'What is missing must be done, or be set aside with a reason where that is allowed.'}
            </span>
            <Button loading={change.isPending} disabled={!soft && !ready} onClick={() => once(run)}>
              {soft ? 'Soft close' : 'Close the period'}
            </Button>
          </div>
        </div>
      )}
    </>
  );
}

/** The checks with what they found and why what failed was set aside. */
function exported({ checks, waived }: Checklist) {
  return {
    head: ['check', 'passed', 'must_pass', 'found', 'items', 'set_aside_because'],
    rows: checks.map(({ key, title, passed, hard, found, items }) => [
      ...[title, passed ? 'yes' : 'no', hard ? 'yes' : 'no', found, items.join('; ')],
      waived.find(({ check }) => check === key)?.reason,
    ]),
  };
}

/** What closing the period asks, and the steps that close and reopen it. */
export function CloseView({ period }: { period: Period }) {
  const list = useQuery(checklistQuery(period.id));
  const names = useQuery(namesQuery());
  const may = useMay();
  if (list.error) return <Refusal error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <RowsLoading rows={9} heightPx={44} />;
  const { checks, waived } = list.data;
  const passed = checks.filter((check) => check.passed).length;
  return (
    <>
      <Panel
        title="Checklist"
        aside={
          <span className="row">
            <span className="t-dim">{`${passed} of ${checks.length}`}</span>
            <ExportButton name="close-checklist" table={() => exported(list.data)} />
          </span>
        }
      >
        {period.state === 'closed' ? (
          checks.map((check) => (
            <CheckRow key={check.key} check={check} reason="" setReason={() => undefined} waivable={false} />
          ))
        ) : (
          <Close period={period} checks={checks} />
        )}
      </Panel>
      {period.state === 'closed' && may('periods:close') && (
        <Panel title="Reopen">
          <Reopen period={period} />
        </Panel>
      )}
      {waived.length > 0 && (
        <Panel title="Set aside at closing" className="scrolls">
          <table className="grid tight">
            <thead>
              <tr>
                <th>When</th>
                <th>Check</th>
                <th>Found</th>
                <th>Reason</th>
                <th>By</th>
              </tr>
            </thead>
            <tbody>
              {waived.map((each) => (
                <tr key={each.check + each.waivedAt}>
                  <td className="num">{instantText(each.waivedAt)}</td>
                  <td>{checks.find(({ key }) => key === each.check)?.title ?? each.check}</td>
                  <td>{each.found}</td>
                  <td>{each.reason}</td>
                  <td>{names.data?.items.find(({ id }) => id === each.waivedBy)?.name ?? ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      )}
    </>
  );
}
