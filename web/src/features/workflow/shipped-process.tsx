import { Alert, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { request } from '../../api/request.ts';
import { Panel } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { DrawnDiagram } from './diagram.tsx';
import { saveBpmn } from './save-bpmn.ts';
import type { ProcessVersion, ShippedProcess } from './shapes.ts';

/** A process that comes with the product: it is changed by a version of one's own, which begins as it is. */
export function ShippedProcessPane({
  shipped,
  show,
  back,
}: {
  shipped: ShippedProcess;
  show(id: string): void;
  back(): void;
}) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { code, title, bpmn, ownId, misfit } = shipped;
  const draft = useMutation({
    mutationFn: () => request<{ items: ProcessVersion[] }>('/workflows/processes', { method: 'POST', body: { bpmn } }),
    onError: sayRefused,
    onSuccess: async ({ items: [first] }) => {
      await queries.invalidateQueries({ queryKey: ['workflow'] });
      sayDone('Kept as a draft', 'Draw on it, here or in any BPMN 2.0 editor.');
      if (first) show(first.id);
    },
  });
  return (
    <article>
      <div className="task-head">
        <div className="grow">
          <Button variant="subtle" className="back" onClick={back} mb={4}>
            ‹ All processes
          </Button>
          <h2 style={{ fontSize: 16 }}>{title}</h2>
          <div className="row t-dim" style={{ flexWrap: 'wrap' }}>
            <code>{code}</code>
            <span>comes with the product</span>
            <span className="t-sm">
              {ownId
                ? 'a version of your own is in force in its place'
                : 'in force; what it decides is told to its record'}
            </span>
          </div>
        </div>
        <div className="actions-bar">
          <Button size="sm" loading={draft.isPending} onClick={() => draft.mutate()}>
            Draft your own
          </Button>
          <Button
            size="sm"
            variant="default"
            onClick={() => void navigate({ to: '/workflow/draw', search: { shipped: code } })}
          >
            Draw on
          </Button>
          <Button size="sm" variant="default" onClick={() => saveBpmn(bpmn, code)}>
            Export BPMN
          </Button>
        </div>
      </div>
      <div className="stack" style={{ gap: 12, marginTop: 12 }}>
        {misfit && (
          <Alert color="orange" variant="light" title="Your own version no longer fits the product" p="sm" radius="sm">
            {misfit} Draft your own from this one and publish that, or retire yours.
          </Alert>
        )}
        <Panel className="drawn">
          <DrawnDiagram
            key={code}
            bpmn={bpmn}
            has={undefined}
            label={`Diagram of ${title}, as it ships`}
            marks={[]}
            badges={[]}
          />
        </Panel>
      </div>
    </article>
  );
}
