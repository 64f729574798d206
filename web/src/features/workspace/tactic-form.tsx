import { ActionIcon, Select } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { wordsOf } from '../../ui/format.ts';
import type { DraftTactic } from './draft.ts';
import type { TacticFieldsProps } from './field-parts.tsx';
import { mechanicOf, mechanics, takes } from './mechanics.ts';
import { ProductPicker } from './pickers.tsx';
import { SplitFields } from './split-fields.tsx';
import { LumpSumFields, RateFields, SpecialFields } from './tactic-fields.tsx';

interface TacticFormProps {
  tactic: DraftTactic;
  place: number;
  currency: string;
  disabled: boolean;
  /** What the API said of the whole promotion, by path. */
  errors: readonly { path: string; message: string }[];
  change(tactic: DraftTactic): void;
  remove(): void;
}

function inWords(code: string): string {
  const mechanic = mechanicOf(code);
  return mechanic ? `Pays on ${mechanic.paidOn}; settled by ${wordsOf(mechanic.settledBy).toLowerCase()}` : '';
}

/** One tactic: mechanic, products, and the fields that its mechanic takes. */
export function TacticForm({ tactic, place, currency, disabled, errors, change, remove }: TacticFormProps) {
  const mine = `tactics.${place}`;
  const refusal = (field: string) => errors.find(({ path }) => path === `${mine}.${field}`)?.message;
  const whole = errors.find(({ path }) => path === mine)?.message;
  const byRate = takes(tactic.mechanic, 'rate');
  const fields: TacticFieldsProps = { tactic, currency, disabled, change, refusal };
  return (
    <fieldset className="tactic" style={{ margin: 0, minWidth: 0 }}>
      <div className="row spread" style={{ marginBottom: 6 }}>
        <b>Tactic {place + 1}</b>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove tactic ${place + 1}`}
          disabled={disabled}
          onClick={remove}
        >
          <IconTrash size={15} />
        </ActionIcon>
      </div>
      <div className="fields">
        <Select
          label="Mechanic"
          className="wide"
          allowDeselect={false}
          data={mechanics.map(({ value, label }) => ({ value, label }))}
          value={tactic.mechanic}
          disabled={disabled}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          description={inWords(tactic.mechanic)}
          error={whole}
          onChange={(mechanic) =>
            mechanic && change({ ...tactic, mechanic, per: mechanicOf(mechanic)?.per ?? tactic.per, passThrough: '' })
          }
        />
        <div className="wide">
          <ProductPicker
            value={tactic.productIds}
            disabled={disabled}
            onChange={(productIds) => change({ ...tactic, productIds })}
          />
        </div>
        {byRate && <RateFields {...fields} />}
        {(!byRate || tactic.lumpSum !== '') && <LumpSumFields {...fields} />}
        <SpecialFields {...fields} />
        <SplitFields {...fields} />
      </div>
    </fieldset>
  );
}
