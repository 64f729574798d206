import { Alert, Checkbox } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { request as send } from '../../api/request.ts';
import { countText } from '../../ui/format.ts';
import { Refusal, RowsLoading } from '../../ui/screen.tsx';
import { erasureQuery } from './queries.ts';
import { SayWhy } from './say-why.tsx';
import type { ErasureLine, PrivacyRequestDetail } from './shapes.ts';

/** What an erasure does, or did, table by table. */
export function ErasureLines({ lines }: { lines: readonly ErasureLine[] }) {
  return (
    <table className="grid tight wrap">
      <thead>
        <tr>
          <th>Table</th>
          <th className="right">Rows</th>
          <th>What happens</th>
          <th>Why it is kept</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.table}>
            <td>
              <code>{line.table}</code>
            </td>
            <td className="right num">{countText(line.rows)}</td>
            <td>{line.rule}</td>
            <td className="t-dim">{line.because ?? '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Shows what an erasure would do and does it after a last look. */
export function EraseDialog({ request, close }: { request: PrivacyRequestDetail; close(): void }) {
  const plan = useQuery(erasureQuery(request.id));
  const [sure, setSure] = useState(false);
  const blocked = (plan.data?.obstacles.length ?? 1) > 0;
  return (
    <SayWhy
      title={`Erase ${request.personName ?? 'the person'}`}
      label="Decision, for the file"
      confirm="Erase for good"
      dangerous
      disabled={blocked || !sure}
      send={(decision) =>
        send(`/privacy/requests/${request.id}/erase`, { method: 'POST', body: { decision }, ifMatch: request.version })
      }
      close={close}
    >
      {plan.error && <Refusal error={plan.error} retry={() => void plan.refetch()} />}
      {plan.isPending && <RowsLoading rows={4} />}
      {plan.data?.obstacles.map((obstacle) => (
        <Alert key={obstacle} color="red" variant="light" icon={<IconAlertTriangle size={16} />} p="sm" radius="sm">
          {obstacle}
        </Alert>
      ))}
      {plan.data && (
        <>
          <div>
            {plan.data.everywhere
              ? 'Their key is destroyed: name and e-mail are unreadable from then on, in every backup too. Nobody can take this back.'
              : 'They belong to another organisation too: only their membership here ends, the account stays.'}
          </div>
          <ErasureLines lines={plan.data.lines} />
          <Checkbox
            label="I have looked at what goes and what stays"
            checked={sure}
            disabled={blocked}
            onChange={(event) => setSure(event.currentTarget.checked)}
          />
        </>
      )}
    </SayWhy>
  );
}
