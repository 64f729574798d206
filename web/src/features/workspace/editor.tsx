import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Promotion, PromotionInput } from '../../api/promotion-shapes.ts';
import { planQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { useKeys } from '../../ui/keys.ts';
import { useLeaveGuard } from '../../ui/leave-guard.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { ConflictPanel } from '../evidence/lists.tsx';
import { type Draft, draftOf } from './draft.ts';
import { Missing } from './new-promotion.tsx';
import { PlanView } from './plan-view.tsx';
import { PromotionForm } from './promotion-form.tsx';
import { useDraftPlan } from './use-draft-plan.ts';

/** What the person has typed, and the version it started from: a save must not cover what others saved meanwhile. */
interface Edit {
  draft: Draft;
  base: number;
}

function useSave(promotion: Promotion, saved: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ input, base }: { input: PromotionInput; base: number }) =>
      request<Promotion>(`/promotions/${promotion.id}`, { method: 'PATCH', body: input, ifMatch: base }),
    onSuccess: (answer) => {
      client.setQueryData(['promotion', promotion.id], answer);
      for (const key of ['plan', 'conflicts', 'promotions', 'history']) {
        void client.invalidateQueries({ queryKey: [key] });
      }
      saved();
      sayDone('Saved', promotion.code);
    },
    onError: (error) => {
      sayRefused(error);
      void client.invalidateQueries({ queryKey: ['promotion', promotion.id] });
    },
  });
}

/** The form of a stored promotion beside its plan; a draft can be edited and recalculates while it is. */
export function Editor({ promotion, setUnsaved }: { promotion: Promotion; setUnsaved(unsaved: boolean): void }) {
  const may = useMay();
  const { currency, version } = promotion;
  const [edit, setEdit] = useState<Edit | null>(null);
  const form = useRef<HTMLDivElement>(null);
  const editable = may('promotions:update') && promotion.state === 'draft';
  const dirty = edit !== null && editable;
  const shown = dirty ? edit.draft : draftOf(promotion);
  const overtaken = dirty && edit.base !== version;
  const stored = useQuery(planQuery(promotion.id));
  const preview = useDraftPlan(shown, currency, dirty);
  const once = useOneAtATime();
  const save = useSave(promotion, () => setEdit(null));
  const input = preview.input;
  useEffect(() => {
    setUnsaved(dirty);
    return () => setUnsaved(false);
  }, [dirty, setUnsaved]);
  useLeaveGuard(() => dirty);
  useKeys({ e: () => form.current?.querySelector<HTMLElement>('input:not([disabled])')?.focus() }, editable);
  const plan = (dirty ? preview.plan : undefined) ?? stored.data;
  const state = overtaken ? 'Somebody else saved meanwhile: undo to see theirs' : dirty ? 'Not saved yet' : 'Draft';
  return (
    <div className="workspace">
      <div className="workspace-form" ref={form}>
        {editable && (
          <div className="row spread" style={{ minHeight: 30, marginBottom: 8 }}>
            <span className={overtaken ? 'neg t-sm' : 't-dim t-sm'}>{state}</span>
            <div className="row">
              <Button variant="default" disabled={!dirty} onClick={() => setEdit(null)}>
                Undo
              </Button>
              <Button
                disabled={!dirty || !input || overtaken}
                loading={save.isPending}
                onClick={() => edit && input && once(() => save.mutateAsync({ input, base: edit.base }))}
              >
                Save
              </Button>
            </div>
          </div>
        )}
        <PromotionForm
          draft={shown}
          change={(draft) => setEdit({ draft, base: edit?.base ?? version })}
          currency={currency}
          disabled={!editable}
          errors={preview.fieldErrors}
        />
      </div>
      <div className="workspace-plan">
        <PlanView
          plan={plan}
          busy={dirty ? preview.busy : stored.isFetching}
          error={dirty ? preview.error : stored.error}
          hint={dirty && !input ? <Missing draft={shown} /> : undefined}
          conflicts={plan && <ConflictPanel items={plan.conflicts} />}
        />
      </div>
    </div>
  );
}
