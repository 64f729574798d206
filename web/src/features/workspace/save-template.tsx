import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Promotion } from '../../api/promotion-shapes.ts';
import { request } from '../../api/request.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';

/** Asks for a name and keeps the promotion's terms as a template to copy from. */
export function SaveTemplate({ promotion, close }: { promotion: Promotion; close(): void }) {
  const client = useQueryClient();
  const [name, setName] = useState(promotion.name);
  const once = useOneAtATime();
  const save = useMutation({
    mutationFn: () =>
      request('/promotions/templates', { method: 'POST', body: { promotionId: promotion.id, name: name.trim() } }),
    onSuccess: () => {
      sayDone('Saved as a template', name.trim());
      void client.invalidateQueries({ queryKey: ['templates'] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) once(() => save.mutateAsync());
  };
  return (
    <Modal opened onClose={close} title="Save as a template" transitionProps={{ duration: 80 }}>
      <form className="stack" onSubmit={submit} noValidate>
        <div className="t-dim">
          Keeps its tactics, products and the distances between its dates, to copy from the list.
        </div>
        <TextInput
          data-autofocus
          label="Name of the template"
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {save.error && <Refusal error={save.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Not now
          </Button>
          <Button type="submit" disabled={!name.trim()} loading={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}
