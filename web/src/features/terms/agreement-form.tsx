import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { today } from '../../ui/format.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { CustomerPicker } from '../workspace/pickers.tsx';
import { LineForm, newLine } from './line-form.tsx';
import { ProductSelect } from './product-select.tsx';
import type { Agreement, TermLine, TermsContent } from './shapes.ts';

interface Draft extends TermsContent {
  code: string;
  customerId: string;
  productId: string;
  currency: string;
}

interface KeyedLine {
  key: number;
  line: TermLine;
}

function startOf(agreement: Agreement | null, customerId: string, currency: string): Draft {
  const last = agreement?.draft ?? agreement?.current;
  return {
    code: agreement?.code ?? '',
    customerId: agreement?.customerId ?? customerId,
    productId: agreement?.productId ?? '',
    currency: agreement?.currency ?? currency,
    name: last?.name ?? '',
    validFrom: last?.validFrom ?? `${today().slice(0, 4)}-01-01`,
    validTo: last?.validTo ?? null,
    note: last?.note ?? '',
    lines: last?.lines ?? [newLine('ON-INVOICE')],
    fx: last?.fx ? { type: last.fx.type, on: last.fx.on ?? null } : null,
  };
}

const fxOf = (type: string, on: string | null): Draft['fx'] => (type ? { type, on } : null);

function save(
  agreement: Agreement | null,
  { code, customerId, productId, currency, ...content }: Draft,
): Promise<Agreement> {
  if (agreement) {
    return request<Agreement>(`/terms/${agreement.id}`, { method: 'PATCH', body: content, ifMatch: agreement.version });
  }
  const body = { ...content, code, customerId, productId: productId || null, currency };
  return request<Agreement>('/terms', { method: 'POST', body });
}

/** Drafts an agreement, or the next version of one; somebody else agrees to it. */
export function AgreementForm({
  agreement,
  customerId,
  close,
  saved,
}: {
  agreement: Agreement | null;
  customerId: string;
  close(): void;
  saved(agreement: Agreement): void;
}) {
  const client = useQueryClient();
  const user = useUser();
  const [draft, setDraft] = useState(() => startOf(agreement, customerId, user?.tenant?.currency ?? 'USD'));
  const [lines, setLines] = useState<KeyedLine[]>(() => draft.lines.map((line, key) => ({ key, line })));
  const put = (members: Partial<Draft>) => setDraft({ ...draft, ...members });
  const write = useMutation({
    mutationFn: () => save(agreement, { ...draft, lines: lines.map(({ line }) => line) }),
    onSuccess: (answer) => {
      sayDone('Drafted', 'It counts once somebody else agrees.');
      void client.invalidateQueries({ queryKey: ['terms'] });
      saved(answer);
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.mutate();
  };
  const nextKey = 1 + Math.max(-1, ...lines.map(({ key }) => key));
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      size={640}
      title={agreement ? `Change ${agreement.code}` : 'New agreement'}
    >
      <form className="stack" onSubmit={submit}>
        <div className="fields">
          <TextInput
            label="Code"
            required
            disabled={agreement !== null}
            data-autofocus={agreement === null ? true : undefined}
            value={draft.code}
            onChange={(event) => put({ code: event.currentTarget.value })}
          />
          <TextInput
            label="Name"
            required
            value={draft.name}
            onChange={(event) => put({ name: event.currentTarget.value })}
          />
          <CustomerPicker
            value={draft.customerId}
            disabled={agreement !== null}
            onChange={(id) => put({ customerId: id })}
          />
          <ProductSelect
            label="Products"
            value={draft.productId}
            disabled={agreement !== null}
            onChange={(id) => put({ productId: id })}
          />
          <TextInput
            label="From"
            type="date"
            required
            value={draft.validFrom}
            onChange={(event) => put({ validFrom: event.currentTarget.value })}
          />
          <TextInput
            label="Through"
            description="Empty: open end"
            inputWrapperOrder={['label', 'input', 'description']}
            type="date"
            value={draft.validTo ?? ''}
            onChange={(event) => put({ validTo: event.currentTarget.value || null })}
          />
          <TextInput
            label="Currency"
            required
            maxLength={3}
            disabled={agreement !== null}
            value={draft.currency}
            onChange={(event) => put({ currency: event.currentTarget.value.toUpperCase() })}
          />
          <TextInput
            label="Type of exchange rate"
            description="Where it is not the customer’s currency"
            inputWrapperOrder={['label', 'input', 'description']}
            placeholder="plan"
            maxLength={100}
            value={draft.fx?.type ?? ''}
            onChange={(event) => put({ fx: fxOf(event.currentTarget.value, draft.fx?.on ?? null) })}
          />
          {draft.fx && (
            <TextInput
              label="Rate of the day"
              description="Empty: of the first day"
              inputWrapperOrder={['label', 'input', 'description']}
              type="date"
              value={draft.fx.on ?? ''}
              onChange={(event) => put({ fx: fxOf(draft.fx?.type ?? '', event.currentTarget.value || null) })}
            />
          )}
        </div>
        {lines.map(({ key, line }, i) => (
          <LineForm
            key={key}
            line={line}
            change={(changed) => setLines(lines.with(i, { key, line: changed }))}
            remove={() => setLines(lines.toSpliced(i, 1))}
          />
        ))}
        <div>
          <Button
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            onClick={() => setLines([...lines, { key: nextKey, line: newLine('') }])}
          >
            Add a term
          </Button>
        </div>
        <Textarea
          label="Note"
          autosize
          minRows={1}
          value={draft.note}
          onChange={(event) => put({ note: event.currentTarget.value })}
        />
        {write.error && <Refusal error={write.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={write.isPending} disabled={!draft.customerId || lines.length === 0}>
            {agreement ? 'Draft the next version' : 'Draft'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
