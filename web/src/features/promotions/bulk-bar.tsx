import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PromotionRow } from '../../api/promotion-shapes.ts';
import { useMay } from '../../api/session.ts';
import { BulkCopies } from './bulk-copies.tsx';
import { BulkDialog } from './bulk-outcomes.tsx';
import { maxSelected, type Selection } from './bulk-selection.tsx';

type Kind = 'submit' | 'shift' | 'rate' | 'cancel';

const kinds: Record<Kind, { label: string; verb: string; explains: string; needs: string }> = {
  submit: {
    label: 'Submit',
    verb: 'Submit them',
    explains: 'Reserves the money of each draft and asks for its approval.',
    needs: 'promotions:update',
  },
  shift: {
    label: 'Shift dates',
    verb: 'Shift them',
    explains:
      'Moves every date by the same days. Drafts change; what is in force is amended, by approval where needed.',
    needs: 'promotions:update',
  },
  rate: {
    label: 'Change rates',
    verb: 'Change them',
    explains: 'Raises or lowers every rate by a share. Drafts change; what is in force is amended.',
    needs: 'promotions:update',
  },
  cancel: {
    label: 'Cancel',
    verb: 'Cancel them',
    explains: 'Ends each today and releases what it has not earned. This is final.',
    needs: 'promotions:cancel',
  },
};

/** Promotions of one call: each is recalculated, so that a call answers in about a second. */
const atOnce = 5;

function callsOf(rows: readonly PromotionRow[]): { id: string; version: number }[][] {
  const items = rows.map(({ id, version }) => ({ id, version }));
  return Array.from({ length: Math.ceil(items.length / atOnce) }, (_, n) => items.slice(n * atOnce, (n + 1) * atOnce));
}

function Ask({ kind, rows, close }: { kind: Kind; rows: readonly PromotionRow[]; close(): void }) {
  const [reason, setReason] = useState('');
  const [by, setBy] = useState('');
  const words = kinds[kind];
  const days = /^-?\d{1,3}$/.test(by) ? Number(by) : null;
  const percent = /^-?\d{1,3}(\.\d{1,4})?$/.test(by) ? by : null;
  const why = reason.trim();
  const actions: Record<Kind, object | null> = {
    submit: { kind },
    shift: days !== null && days !== 0 && why ? { kind, days, reason: why } : null,
    rate: percent !== null && why ? { kind, percent, reason: why } : null,
    cancel: why ? { kind, reason: why } : null,
  };
  const action = actions[kind];
  return (
    <BulkDialog
      title={`${words.label}: ${rows.length} promotion${rows.length === 1 ? '' : 's'}`}
      verb={words.verb}
      path="/promotions/bulk"
      bodies={action && callsOf(rows).map((items) => ({ items, action }))}
      names={rows.map(({ code, name }) => `${code} ${name}`)}
      explains={words.explains}
      close={close}
    >
      {(kind === 'shift' || kind === 'rate') && (
        <TextInput
          data-autofocus
          required
          label={kind === 'shift' ? 'Days, negative for earlier' : 'Percent, negative for lower'}
          placeholder={kind === 'shift' ? '7' : '-2.5'}
          value={by}
          onChange={(event) => setBy(event.currentTarget.value)}
        />
      )}
      {kind !== 'submit' && (
        <Textarea
          label="Why"
          required
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
    </BulkDialog>
  );
}

/** What can be done to the picked promotions together. */
export function BulkBar({ rows, selection }: { rows: readonly PromotionRow[]; selection: Selection }) {
  const may = useMay();
  const [asking, setAsking] = useState<Kind | null>(null);
  const [copying, setCopying] = useState(false);
  const picked = rows.filter(({ id }) => selection.ids.has(id));
  const [first] = picked;
  if (!first) return null;
  const done = () => {
    setAsking(null);
    setCopying(false);
    selection.clear();
  };
  return (
    <div className="filters" role="toolbar" aria-label="Picked promotions">
      <b className="num">{picked.length} picked</b>
      {picked.length === maxSelected && <span className="t-faint t-sm">as many as one call takes</span>}
      {(Object.keys(kinds) as Kind[])
        .filter((kind) => may(kinds[kind].needs))
        .map((kind) => (
          <Button
            key={kind}
            variant="default"
            color={kind === 'cancel' ? 'red' : undefined}
            onClick={() => setAsking(kind)}
          >
            {kinds[kind].label}
          </Button>
        ))}
      {may('promotions:create') && picked.length === 1 && (
        <Button variant="default" onClick={() => setCopying(true)}>
          Copy to …
        </Button>
      )}
      <Button variant="subtle" onClick={selection.clear}>
        Pick none
      </Button>
      {asking && <Ask kind={asking} rows={picked} close={done} />}
      {copying && <BulkCopies source={first} close={done} />}
    </div>
  );
}
