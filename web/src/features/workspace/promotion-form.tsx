import { Button, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { weeksQuery } from '../../api/queries.ts';
import type { FiscalWeek } from '../../api/shapes.ts';
import { type Draft, newTactic } from './draft.ts';
import { CustomerPicker } from './pickers.tsx';
import { TacticForm } from './tactic-form.tsx';

function weekOf(date: string, weeks: readonly FiscalWeek[]): string | undefined {
  const week = weeks.find((each) => each.startsOn <= date && date <= each.endsOn);
  return week ? `FY${week.fiscalYear} P${week.period} W${week.week}` : undefined;
}

function DateField({
  label,
  value,
  change,
  weeks,
  disabled,
  min,
}: {
  label: string;
  value: string;
  change(date: string): void;
  weeks: readonly FiscalWeek[];
  disabled: boolean;
  min?: string;
}) {
  return (
    <TextInput
      type="date"
      label={label}
      value={value}
      disabled={disabled}
      min={min || undefined}
      inputWrapperOrder={['label', 'input', 'description']}
      description={(value && weekOf(value, weeks)) || '\u00a0'}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

/** The form of a promotion: where, when and by which tactics. */
export function PromotionForm({
  draft,
  change,
  currency,
  disabled,
  fixedCustomer = false,
  errors = [],
}: {
  draft: Draft;
  change(draft: Draft): void;
  currency: string;
  disabled: boolean;
  /** The customer of a promotion in force stays. */
  fixedCustomer?: boolean;
  /** What the API said of single fields, by path. */
  errors?: readonly { path: string; message: string }[];
}) {
  const weeks = useQuery(weeksQuery).data ?? [];
  const dates = { weeks, disabled };
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="fields">
        <TextInput
          className="wide"
          label="Name"
          value={draft.name}
          disabled={disabled}
          placeholder="What people will call it"
          maxLength={200}
          onChange={(event) => change({ ...draft, name: event.currentTarget.value })}
        />
        <div className="wide">
          <CustomerPicker
            value={draft.customerId}
            disabled={disabled || fixedCustomer}
            onChange={(customerId) => change({ ...draft, customerId })}
          />
        </div>
        <DateField
          {...dates}
          label="In store from"
          value={draft.startsOn}
          change={(startsOn) => change({ ...draft, startsOn })}
        />
        <DateField
          {...dates}
          label="In store until"
          value={draft.endsOn}
          min={draft.startsOn}
          change={(endsOn) => change({ ...draft, endsOn })}
        />
        <DateField
          {...dates}
          label="Ships from (optional)"
          value={draft.shipStartsOn}
          change={(shipStartsOn) => change({ ...draft, shipStartsOn })}
        />
        <DateField
          {...dates}
          label="Ships until (optional)"
          value={draft.shipEndsOn}
          min={draft.shipStartsOn}
          change={(shipEndsOn) => change({ ...draft, shipEndsOn })}
        />
      </div>
      {draft.tactics.map((tactic, place) => (
        <TacticForm
          key={tactic.key}
          tactic={tactic}
          place={place}
          currency={currency}
          disabled={disabled}
          errors={errors}
          change={(changed) =>
            change({ ...draft, tactics: draft.tactics.map((each) => (each.key === tactic.key ? changed : each)) })
          }
          remove={() => change({ ...draft, tactics: draft.tactics.filter((each) => each.key !== tactic.key) })}
        />
      ))}
      {!disabled && (
        <Button
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => change({ ...draft, tactics: [...draft.tactics, newTactic(draft.tactics.at(-1))] })}
        >
          Add a tactic
        </Button>
      )}
    </div>
  );
}
