import { Button, SegmentedControl, Tabs } from '@mantine/core';
import { IconDownload, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request, saveFile } from '../../api/request.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText, today, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { EditFinding, RaiseFinding } from './finding-dialogs.tsx';
import { controlsQuery, evidenceQuery, findingsQuery, frameworksQuery } from './queries.ts';
import type { Control, Evidence, Finding, Framework, FrameworkStanding, Standing } from './shapes.ts';

const standingWords: Record<Standing, string> = {
  holds: 'Holds',
  fails: 'Fails',
  unproved: 'Not proved here',
  stale: 'Evidence too old',
  never: 'Not looked at yet',
};
/** The marks of invariants say the same in the same colours. */
const marks: Record<Standing, string> = {
  ...{ holds: 'holds', fails: 'broken' },
  ...{ unproved: 'unchecked', stale: 'unchecked', never: 'unchecked' },
};

function StandingMark({ standing }: { standing: Standing }) {
  return (
    <span className="state" data-invariant={marks[standing]}>
      <i aria-hidden="true" />
      {standingWords[standing]}
    </span>
  );
}

/** One line a framework: what holds, what fails, what is open. */
function tally({ controls, open, overdue }: FrameworkStanding): string {
  const without = controls.unproved + controls.stale + controls.never;
  return [
    `${controls.holds} hold`,
    controls.fails > 0 ? `${controls.fails} fail` : '',
    without > 0 ? `${without} without evidence` : '',
    `${open} open ${open === 1 ? 'finding' : 'findings'}`,
    overdue > 0 ? `${overdue} overdue` : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

function Looks({ code }: { code: string }) {
  const looks = useQuery(evidenceQuery(code));
  if (looks.error) return <Refusal error={looks.error} retry={() => void looks.refetch()} />;
  if (!looks.data) return <RowsLoading rows={2} />;
  return (
    <ul className="plain-list">
      {looks.data.items.map((look: Evidence) => (
        <li key={look.id}>
          <span className="num">{instantText(look.at)}</span> <StandingMark standing={look.outcome} /> {look.measured}
          {look.exceptions.map((exception) => (
            <div key={exception} className="neg t-sm">
              {exception}
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}

function ControlRow({ control, opened, toggle }: { control: Control; opened: boolean; toggle(): void }) {
  const client = useQueryClient();
  const look = useMutation({
    mutationFn: () => request<Evidence>(`/compliance/controls/${control.code}/evidence`, { method: 'POST' }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['compliance'] }),
    onError: sayRefused,
  });
  return (
    <Fragment>
      <tr>
        <td>
          <StandingMark standing={control.standing} />
        </td>
        <td>
          <button type="button" className="link-button" aria-expanded={opened} onClick={toggle}>
            {control.title}
          </button>
          <div className="t-dim t-sm">{control.statement}</div>
        </td>
        <td>{wordsOf(control.ownerRole)}</td>
        <td>{control.severity}</td>
        <td>
          {control.evidence ? control.evidence.measured : 'no evidence yet'}
          <div className="t-faint t-sm">
            {control.shownBy === 'query' ? 'a question to the data' : 'tests'}
            {control.evidence && `, ${instantText(control.evidence.at)}`}
          </div>
        </td>
        <td className="right">
          <Button size="compact-xs" variant="default" loading={look.isPending} onClick={() => look.mutate()}>
            Look now
          </Button>
        </td>
      </tr>
      {opened && (
        <tr>
          <td />
          <td colSpan={5}>
            <Looks code={control.code} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function Controls({ framework }: { framework: Framework }) {
  const controls = useQuery(controlsQuery(framework));
  const [opened, setOpened] = useState<string | null>(null);
  if (controls.error) return <Refusal error={controls.error} retry={() => void controls.refetch()} />;
  if (!controls.data) return <RowsLoading rows={8} />;
  const worstFirst: Standing[] = ['fails', 'stale', 'never', 'unproved', 'holds'];
  const items = [...controls.data.items].sort(
    (a, b) => worstFirst.indexOf(a.standing) - worstFirst.indexOf(b.standing),
  );
  if (items.length === 0)
    return <Empty title="No control of its own">The register in the documentation answers for this framework.</Empty>;
  return (
    <table className="grid wrap">
      <thead>
        <tr>
          <th style={{ width: 150 }}>Standing</th>
          <th>Control</th>
          <th style={{ width: 150 }}>Answers for it</th>
          <th style={{ width: 80 }}>Weight</th>
          <th>Evidence</th>
          <th style={{ width: 100 }} />
        </tr>
      </thead>
      <tbody>
        {items.map((control) => (
          <ControlRow
            key={control.code}
            control={control}
            opened={opened === control.code}
            toggle={() => setOpened(opened === control.code ? null : control.code)}
          />
        ))}
      </tbody>
    </table>
  );
}

function Findings({ framework, edit }: { framework: Framework; edit(finding: Finding): void }) {
  const [state, setState] = useState<'open' | 'closed'>('open');
  const findings = useQuery(findingsQuery(framework, state));
  const people = useQuery(namesQuery());
  const nameOf = (id: string | null) =>
    id === null ? 'nobody yet' : (people.data?.items.find((person) => person.id === id)?.name ?? '…');
  const items = findings.data ?? [];
  const rows = items.map((one) => [
    ...[one.framework, one.title, one.detail, one.severity, nameOf(one.ownerId), one.dueOn],
    ...[one.openedAt, one.closedAt, one.resolution],
  ]);
  const head = ['framework', 'title', 'detail', 'severity', 'owner', 'due_on', 'opened_at', 'closed_at', 'resolution'];
  return (
    <>
      <div className="filters">
        <SegmentedControl
          size="xs"
          value={state}
          onChange={(value) => setState(value as 'open' | 'closed')}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'closed', label: 'Closed' },
          ]}
        />
        <ExportButton name={`findings-${framework}`} table={() => ({ head, rows })} disabled={items.length === 0} />
      </div>
      {findings.error && <Refusal error={findings.error} retry={() => void findings.refetch()} />}
      {findings.isPending && <RowsLoading rows={4} />}
      {findings.data && items.length === 0 && (
        <Empty title={state === 'open' ? 'Nothing is open' : 'Nothing was closed yet'}>
          Evidence that fails opens a finding by itself; people raise others.
        </Empty>
      )}
      {items.length > 0 && (
        <table className="grid wrap">
          <thead>
            <tr>
              <th>Finding</th>
              <th style={{ width: 80 }}>Weight</th>
              <th style={{ width: 160 }}>Owner</th>
              <th style={{ width: 110 }}>Due</th>
              <th style={{ width: 100 }} />
            </tr>
          </thead>
          <tbody>
            {items.map((finding) => (
              <tr key={finding.id}>
                <td>
                  {finding.title}
                  <div className="t-dim t-sm" style={{ whiteSpace: 'pre-line' }}>
                    {finding.resolution ?? finding.detail}
                  </div>
                </td>
                <td>{finding.severity}</td>
                <td>{nameOf(finding.ownerId)}</td>
                <td className={!finding.closedAt && finding.dueOn < today() ? 'num neg' : 'num'}>
                  {dateText(finding.dueOn)}
                </td>
                <td className="right">
                  {!finding.closedAt && (
                    <Button size="compact-xs" variant="default" onClick={() => edit(finding)}>
                      Change
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

/** Frameworks, their controls with evidence, what was found and who mends it by when. */
export function Compliance() {
  const frameworks = useQuery(frameworksQuery);
  const search = useSearch({ strict: false }) as { framework?: Framework };
  const navigate = useNavigate();
  const framework = search.framework ?? 'SOX';
  const [raising, setRaising] = useState(false);
  const [editing, setEditing] = useState<Finding | null>(null);
  const standing = frameworks.data?.items.find((item) => item.framework === framework);
  const save = (suffix: string) => saveFile(`/compliance/reports/${framework}${suffix}`).catch(sayRefused);
  return (
    <Screen
      title="Compliance"
      sub={standing && <span>{tally(standing)}</span>}
      actions={
        <>
          <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => void save('/pdf')}>
            Report (PDF)
          </Button>
          <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => void save('')}>
            Report (JSON)
          </Button>
          <Button leftSection={<IconPlus size={14} />} onClick={() => setRaising(true)}>
            Raise a finding
          </Button>
        </>
      }
    >
      {frameworks.error && !frameworks.data && (
        <Refusal error={frameworks.error} retry={() => void frameworks.refetch()} />
      )}
      {frameworks.isPending && <RowsLoading rows={8} />}
      {frameworks.data && (
        <Tabs
          value={framework}
          onChange={(value) => void navigate({ to: '/compliance', search: { framework: value as Framework } })}
        >
          <Tabs.List>
            {frameworks.data.items.map((item) => (
              <Tabs.Tab key={item.framework} value={item.framework}>
                {item.framework.replace('_', ' ')} {item.open > 0 && <span className="badge">{item.open}</span>}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <div className="stack" style={{ gap: 12, marginTop: 12 }}>
            {standing && (
              <div className="t-dim">
                {standing.name}. {standing.scope}
              </div>
            )}
            <Panel title="Findings" className="scrolls">
              <Findings key={framework} framework={framework} edit={setEditing} />
            </Panel>
            <Panel title="Controls and their evidence" className="scrolls">
              <Controls key={framework} framework={framework} />
            </Panel>
          </div>
        </Tabs>
      )}
      {raising && <RaiseFinding framework={framework} close={() => setRaising(false)} />}
      {editing && <EditFinding finding={editing} close={() => setEditing(null)} />}
    </Screen>
  );
}
