import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { request as send } from '../../api/request.ts';
import { instantText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Clock } from './clock.tsx';
import { breachQuery } from './queries.ts';
import { riskWords } from './risks.ts';
import { SayWhy } from './say-why.tsx';
import type { BreachDetail } from './shapes.ts';
import { Steps } from './steps.tsx';

type Step = 'assess' | 'measure' | 'tell_authority' | 'tell_people' | 'close';

const steps: Record<Step, { title: string; label: string; confirm: string }> = {
  assess: { title: 'Assess the risk', label: 'Why', confirm: 'Assess' },
  measure: { title: 'A measure', label: 'What was done', confirm: 'Note' },
  tell_authority: { title: 'The authority was told', label: 'How, and what was said', confirm: 'Told' },
  tell_people: { title: 'Those concerned were told', label: 'How, and what was said', confirm: 'Told' },
  close: { title: 'Close', label: 'What was learnt', confirm: 'Close' },
};

function StepDialog({ breach, step, close }: { breach: BreachDetail; step: Step; close(): void }) {
  const [risk, setRisk] = useState<string | null>(breach.risk);
  const [people, setPeople] = useState<number | string>(breach.peopleAffected ?? '');
  const [lateReason, setLateReason] = useState('');
  const late = step === 'tell_authority' && Date.parse(breach.dueAt) < Date.now();
  const more = {
    ...(step === 'assess' ? { risk, ...(people === '' ? {} : { peopleAffected: Number(people) }) } : {}),
    ...(late ? { lateReason: lateReason.trim() } : {}),
  };
  return (
    <SayWhy
      {...steps[step]}
      disabled={late && lateReason.trim() === ''}
      send={(note) =>
        send(`/privacy/breaches/${breach.id}/act`, {
          ...{ method: 'POST', body: { action: step, note, ...more }, ifMatch: breach.version },
        })
      }
      close={close}
    >
      {step === 'assess' && (
        <>
          <Select
            label="Risk for those whom it concerns"
            allowDeselect={false}
            data={Object.entries(riskWords).map(([value, label]) => ({ value, label }))}
            value={risk}
            onChange={setRisk}
          />
          <NumberInput label="People affected" min={0} allowDecimal={false} value={people} onChange={setPeople} />
        </>
      )}
      {late && (
        <TextInput
          label="Why it is late"
          required
          value={lateReason}
          onChange={(event) => setLateReason(event.currentTarget.value)}
        />
      )}
    </SayWhy>
  );
}

function Facts({ breach }: { breach: BreachDetail }) {
  const facts: [string, ReactNode][] = [
    ['What happened', breach.whatHappened],
    ['Aware since', instantText(breach.awareAt)],
    ['Authority to be told by', instantText(breach.dueAt)],
    ['Authority', <Clock key="clock" breach={breach} />],
    ['Late because', breach.lateReason ?? '–'],
    ['Risk', riskWords[breach.risk]],
    ['People affected', breach.peopleAffected ?? 'not known'],
    ['Those concerned', breach.peopleToldAt ? `told ${instantText(breach.peopleToldAt)}` : 'not told'],
    ['Measures', breach.measures ?? '–'],
  ];
  return (
    <table className="grid tight wrap">
      <tbody>
        {facts.map(([what, value]) => (
          <tr key={what}>
            <th scope="row" style={{ width: 200 }}>
              {what}
            </th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One breach: its clock, what may be done, and what was. */
export function BreachView({ id, back }: { id: string; back(): void }) {
  const breach = useQuery(breachQuery(id));
  const [step, setStep] = useState<Step | null>(null);
  useKeys({ escape: back }, step === null);
  const data = breach.data;
  const may = (one: Step) =>
    one === 'tell_authority' ? !data?.authorityToldAt : one !== 'tell_people' || !data?.peopleToldAt;
  return (
    <Screen
      title={data?.title ?? 'Breach'}
      actions={
        <Button variant="default" leftSection={<IconArrowLeft size={14} />} onClick={back}>
          All breaches
        </Button>
      }
    >
      {breach.error && <Refusal error={breach.error} retry={() => void breach.refetch()} />}
      {breach.isPending && <RowsLoading rows={8} />}
      {data && (
        <div className="stack">
          <Panel title="The breach" aside={<StateBadge state={data.closedAt ? 'closed' : 'open'} />}>
            <Facts breach={data} />
            {!data.closedAt && (
              <div className="panel-body actions-bar">
                {(Object.keys(steps) as Step[]).filter(may).map((one) => (
                  <Button
                    key={one}
                    variant={one === 'tell_authority' ? 'filled' : 'default'}
                    onClick={() => setStep(one)}
                  >
                    {steps[one].title}
                  </Button>
                ))}
              </div>
            )}
          </Panel>
          <Steps steps={data.steps} />
        </div>
      )}
      {data && step && <StepDialog breach={data} step={step} close={() => setStep(null)} />}
    </Screen>
  );
}
