import { Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { everyItem } from '../../api/request.ts';
import { CustomerPicker, FundPicker } from '../workspace/pickers.tsx';
import { BulkDialog } from './bulk-outcomes.tsx';

interface Template {
  id: string;
  name: string;
}

const templatesQuery = {
  queryKey: ['templates'],
  queryFn: ({ signal }: { signal: AbortSignal }) => everyItem<Template>('/promotions/templates', {}, signal),
};

interface Target {
  key: number;
  customerId: string;
  startsOn: string;
  fundId: string;
}

const newTarget = (key: number): Target => ({ key, customerId: '', startsOn: '', fundId: '' });

function TargetRow({ target, change, remove }: { target: Target; change(target: Target): void; remove(): void }) {
  return (
    <div className="row" style={{ alignItems: 'flex-end' }}>
      <div className="grow">
        <CustomerPicker
          label="Customer"
          value={target.customerId}
          clearable
          onChange={(customerId) => change({ ...target, customerId })}
        />
      </div>
      <TextInput
        type="date"
        label="In store from"
        value={target.startsOn}
        onChange={(event) => change({ ...target, startsOn: event.currentTarget.value })}
      />
      <div style={{ width: 180 }}>
        <div className="t-sm">Paid by (as the source)</div>
        <FundPicker value={target.fundId} onChange={(fundId) => change({ ...target, fundId })} />
      </div>
      <Button variant="subtle" color="gray" aria-label="Remove this copy" onClick={remove}>
        <IconX size={14} />
      </Button>
    </div>
  );
}

const targetBody = ({ customerId, startsOn, fundId }: Target) => ({
  ...(customerId ? { customerId } : {}),
  ...(startsOn ? { startsOn } : {}),
  ...(fundId ? { fundSplit: [{ fundId, share: '1' }] } : {}),
});

/** Copies a promotion, or a template, to several customers and dates: a draft each. */
export function BulkCopies({ source, close }: { source: { id: string; name: string } | null; close(): void }) {
  const templates = useQuery({ ...templatesQuery, enabled: source === null });
  const [templateId, setTemplateId] = useState<string | null>(null);
  const [targets, setTargets] = useState([newTarget(1)]);
  const from = source ? { promotionId: source.id } : templateId ? { templateId } : null;
  const complete = targets.every(({ customerId, startsOn }) => customerId !== '' || startsOn !== '');
  const body = from && complete ? { source: from, targets: targets.map(targetBody) } : null;
  return (
    <BulkDialog
      title={source ? `Copy: ${source.name}` : 'New from a template'}
      verb={targets.length === 1 ? 'Make the draft' : `Make ${targets.length} drafts`}
      path="/promotions/copies"
      bodies={body && [body]}
      names={targets.map(({ startsOn }, place) => `Copy ${place + 1} ${startsOn}`)}
      explains="Each copy keeps the distances between its dates. What is left empty is as in the source."
      close={close}
    >
      {source === null && (
        <Select
          label="Template"
          searchable
          placeholder={templates.data?.length === 0 ? 'None yet: save one in a promotion’s workspace' : 'Choose one'}
          data={(templates.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={templateId}
          onChange={setTemplateId}
        />
      )}
      {targets.map((target) => (
        <TargetRow
          key={target.key}
          target={target}
          change={(changed) => setTargets(targets.map((one) => (one.key === changed.key ? changed : one)))}
          remove={() => setTargets(targets.filter(({ key }) => key !== target.key))}
        />
      ))}
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => setTargets([...targets, newTarget((targets.at(-1)?.key ?? 0) + 1)])}
        >
          Another copy
        </Button>
      </div>
    </BulkDialog>
  );
}
