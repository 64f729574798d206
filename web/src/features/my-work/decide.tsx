import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { request } from '../../api/request.ts';
import type { Task } from '../../api/shapes.ts';
import { useKeys } from '../../ui/keys.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import type { ProcessModel } from '../workflow/shapes.ts';
import { isGiven, type Typed, VariableFields, valuesOf } from '../workflow/variable-fields.tsx';
import { isMoneyVariable } from '../workflow/variable-words.ts';
import { needsReason, refuses, wordsOfOutcome } from './outcomes.ts';

/** What a decision changes on other screens. */
export const staleAfterDecision = ['tasks', 'promotions', 'promotion', 'funds', 'workflow'];

/** What a task asks for: its outcomes, the approval first, and what whoever decides may set. */
export interface Asked {
  outcomes: readonly string[];
  form: { variable: string; label: string; required?: boolean }[];
  variables: ProcessModel['variables'];
}

/** Takes a decision with its reason, and what the task asks for beside it. */
export function Decide({
  task,
  asked: { outcomes, form, variables },
  outcome,
  close,
  done,
}: {
  task: Task;
  asked: Asked;
  outcome: string;
  close(): void;
  done(): void;
}) {
  const client = useQueryClient();
  const [comment, setComment] = useState('');
  const [typed, setTyped] = useState<Typed>({});
  const [pressed, setPressed] = useState(false);
  const once = useOneAtATime();
  const words = wordsOfOutcome(outcome, outcomes);
  const wantsReason = needsReason(outcome, outcomes);
  const reason = comment.trim();
  const fields = form.flatMap(({ variable, required = false }) => {
    const declared = variables.find(({ name }) => name === variable);
    return declared ? [{ ...declared, required: required && !refuses(outcome) }] : [];
  });
  const currency = task.summary.amount?.currency;
  const unitOf = (variable: string) => (currency && isMoneyVariable(variable) ? ` (${currency})` : '');
  const isFilled = fields.every(({ name, required }) => !required || isGiven(typed[name]));
  const decide = useMutation({
    mutationFn: () =>
      request(`/tasks/${task.id}/complete`, {
        method: 'POST',
        body: {
          ...{ outcome, ...(reason ? { comment: reason } : {}) },
          ...(fields.length > 0 ? { set: valuesOf(fields, typed) } : {}),
        },
      }),
    onSuccess: async () => {
      sayDone(words.done, task.title);
      close();
      done();
      for (const key of staleAfterDecision) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setPressed(true);
    if ((!wantsReason || reason) && isFilled) once(() => decide.mutateAsync());
  };
  const sheet = useRef<HTMLFormElement>(null);
  // Also before the dialog has the keyboard: who presses the keys in one go means this decision.
  useKeys({ 'mod+enter': () => sheet.current?.requestSubmit() });
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title={`${words.verb}: ${task.title}`}
      transitionProps={{ duration: 80 }}
    >
      <form ref={sheet} onSubmit={submit} className="stack" noValidate>
        <VariableFields
          variables={fields}
          labels={Object.fromEntries(form.map(({ variable, label }) => [variable, `${label}${unitOf(variable)}`]))}
          focusFirst={fields.some(({ required }) => required)}
          typed={typed}
          put={setTyped}
        />
        {pressed && !isFilled && <div className="neg">Fill in what is marked as required.</div>}
        <Textarea
          data-autofocus={!fields.some(({ required }) => required) || undefined}
          label={wantsReason ? 'Why' : 'Comment (optional)'}
          required={wantsReason}
          error={wantsReason && pressed && !reason ? 'Say why, so that the maker knows what to change' : undefined}
          autosize
          minRows={3}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        {decide.error && <Refusal error={decide.error} />}
        <div className="row spread">
          <span className="t-faint t-sm">⌘↵ sends</span>
          <div className="row">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" color={words.color} loading={decide.isPending}>
              {words.verb}
            </Button>
          </div>
        </div>
      </form>
    </Modal>
  );
}
