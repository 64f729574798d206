import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { ConflictPanel } from '../evidence/lists.tsx';
import { type Draft, newTactic } from '../workspace/draft.ts';
import { Missing } from '../workspace/new-promotion.tsx';
import { PlanView } from '../workspace/plan-view.tsx';
import { PromotionForm } from '../workspace/promotion-form.tsx';
import { useDraftPlan } from '../workspace/use-draft-plan.ts';
import type { PlanItem, ScenarioEdit } from './shapes.ts';

/** Plans a promotion that exists in a scenario only; adopting the scenario makes it a draft. */
export function ScenarioPromotion({
  plan,
  startsOn,
  add,
  close,
}: {
  plan: PlanItem;
  /** A day to start from. */
  startsOn: string;
  add(edit: ScenarioEdit): void;
  close(): void;
}) {
  const [draft, setDraft] = useState<Draft>(() => ({
    ...{ name: '', customerId: plan.customerId, startsOn, endsOn: '', shipStartsOn: '', shipEndsOn: '' },
    tactics: [newTactic()],
  }));
  const { input, plan: preview, error, fieldErrors, busy } = useDraftPlan(draft, plan.currency);
  const named = draft.name.trim() !== '';
  const send = () => {
    if (!input || !named) return;
    add({ kind: 'add', promotion: { ...input } });
    close();
  };
  return (
    <Modal
      opened
      onClose={close}
      size="min(1240px, 96vw)"
      title="A promotion of this scenario"
      closeOnClickOutside={false}
      transitionProps={{ duration: 80 }}
    >
      <div className="workspace" style={{ height: 'min(640px, 72vh)' }}>
        <div className="workspace-form">
          <PromotionForm
            draft={draft}
            change={setDraft}
            currency={plan.currency}
            disabled={false}
            errors={fieldErrors}
          />
        </div>
        <div className="workspace-plan">
          <PlanView
            plan={preview}
            busy={busy}
            error={error}
            conflicts={preview && <ConflictPanel items={preview.conflicts} />}
            hint={input ? undefined : <Missing draft={draft} />}
          />
        </div>
      </div>
      <div className="row spread" style={{ marginTop: 12 }}>
        <span className="t-dim t-sm">Nothing is planned or held outside the scenario until it is adopted.</span>
        <div className="row">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            disabled={!input || !named}
            title={input && !named ? 'Give it a name first' : undefined}
            onClick={send}
          >
            Add to the scenario
          </Button>
        </div>
      </div>
    </Modal>
  );
}
