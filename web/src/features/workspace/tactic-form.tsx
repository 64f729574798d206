import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash, IconX } from '@tabler/icons-react';
import type { RatePer } from '../../api/shapes.ts';
import { type DraftTactic, mechanicOf, mechanics } from './draft.ts';
import { FundPicker, ProductPicker } from './pickers.tsx';

interface TacticFormProps {
  tactic: DraftTactic;
  place: number;
  currency: string;
  disabled: boolean;
  change(tactic: DraftTactic): void;
  remove(): void;
}

const numeric = {
  inputMode: 'decimal',
  styles: { input: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } },
} as const;

/** The digits of what was typed: a comma counts as the decimal point. */
const digits = (text: string) => text.replace(',', '.').replace(/[^\d.]/g, '');

function RateFields({ tactic, currency, disabled, change }: Omit<TacticFormProps, 'place' | 'remove'>) {
  return (
    <>
      <TextInput
        {...numeric}
        label="Rate"
        rightSection={<span className="unit">{tactic.per === 'percent' ? '%' : currency}</span>}
        rightSectionWidth={40}
        value={tactic.rate}
        disabled={disabled}
        onChange={(event) => change({ ...tactic, rate: digits(event.currentTarget.value) })}
      />
      <Select
        label="Per"
        allowDeselect={false}
        data={[
          { value: 'case', label: 'case' },
          { value: 'unit', label: 'unit' },
          { value: 'percent', label: '% of list price' },
        ]}
        value={tactic.per}
        disabled={disabled}
        onChange={(per) => change({ ...tactic, per: (per ?? 'case') as RatePer })}
      />
      <TextInput
        {...numeric}
        label="Pass-through to the shelf"
        rightSection={<span className="unit">%</span>}
        value={tactic.passThrough}
        disabled={disabled}
        onChange={(event) => change({ ...tactic, passThrough: digits(event.currentTarget.value) })}
      />
    </>
  );
}

function SplitFields({ tactic, disabled, change }: Omit<TacticFormProps, 'place' | 'remove' | 'currency'>) {
  const split = tactic.split.length > 0 ? tactic.split : [{ fundId: '', percent: '100' }];
  const set = (at: number, part: { fundId: string; percent: string }) =>
    change({ ...tactic, split: split.map((each, index) => (index === at ? part : each)) });
  return (
    <div className="wide stack" style={{ gap: 4 }}>
      <span className="t-sm" style={{ fontWeight: 500 }}>
        Funded by
      </span>
      {split.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part has no identity but its place
        <div className="split-row" key={at}>
          <FundPicker value={part.fundId} disabled={disabled} onChange={(fundId) => set(at, { ...part, fundId })} />
          <TextInput
            {...numeric}
            aria-label="Share in percent"
            rightSection={<span className="unit">%</span>}
            rightSectionWidth={24}
            value={part.percent}
            disabled={disabled}
            onChange={(event) => set(at, { ...part, percent: digits(event.currentTarget.value) })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Remove this fund"
            disabled={disabled || split.length === 1}
            onClick={() => change({ ...tactic, split: split.filter((_, index) => index !== at) })}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      {!disabled && (
        <Button
          variant="subtle"
          size="compact-xs"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={13} />}
          onClick={() => change({ ...tactic, split: [...split, { fundId: '', percent: '0' }] })}
        >
          Split over another fund
        </Button>
      )}
    </div>
  );
}

/** One tactic: mechanic, products, rate or lump sum, pass-through, fund split. */
export function TacticForm({ tactic, place, currency, disabled, change, remove }: TacticFormProps) {
  const asks = mechanicOf(tactic.mechanic)?.asks ?? 'rate';
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
          className={asks === 'lump' ? undefined : 'wide'}
          allowDeselect={false}
          data={mechanics.map(({ value, label }) => ({ value, label }))}
          value={tactic.mechanic}
          disabled={disabled}
          onChange={(mechanic) =>
            mechanic && change({ ...tactic, mechanic, per: mechanicOf(mechanic)?.per ?? tactic.per })
          }
        />
        {asks === 'lump' && (
          <TextInput
            {...numeric}
            label="Lump sum"
            rightSection={<span className="unit">{currency}</span>}
            rightSectionWidth={40}
            value={tactic.lumpSum}
            disabled={disabled}
            onChange={(event) => change({ ...tactic, lumpSum: digits(event.currentTarget.value) })}
          />
        )}
        <div className="wide">
          <ProductPicker
            value={tactic.productIds}
            disabled={disabled}
            onChange={(productIds) => change({ ...tactic, productIds })}
          />
        </div>
        {asks === 'rate' && <RateFields tactic={tactic} currency={currency} disabled={disabled} change={change} />}
        <SplitFields tactic={tactic} disabled={disabled} change={change} />
      </div>
    </fieldset>
  );
}
