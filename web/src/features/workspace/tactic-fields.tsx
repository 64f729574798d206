import { ActionIcon, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { RatePer, Recognition } from '../../api/promotion-shapes.ts';
import { Adder, digits, numeric, type TacticFieldsProps } from './field-parts.tsx';
import { takes } from './mechanics.ts';

/** A field of the draft that holds a number as text. */
type NumberField = 'rate' | 'lumpSum' | 'stores' | 'passThrough' | 'redemption' | 'cap' | 'minimum';

function NumberInput({
  field,
  label,
  unit,
  placeholder,
  error,
  ...of
}: TacticFieldsProps & { field: NumberField; label: string; unit: string; placeholder?: string; error?: string }) {
  const { tactic, disabled, change } = of;
  return (
    <TextInput
      {...numeric}
      label={label}
      rightSection={<span className="unit">{unit}</span>}
      rightSectionWidth={unit.length > 1 ? 48 : 28}
      placeholder={placeholder}
      value={tactic[field]}
      disabled={disabled}
      error={error ?? of.refusal(field)}
      onChange={(event) => change({ ...tactic, [field]: digits(event.currentTarget.value) })}
    />
  );
}

const moneyUnit = ({ tactic, currency }: TacticFieldsProps) => tactic.currency || currency;

/** Rate, what it is per, and what of it reaches the shelf. */
export function RateFields(of: TacticFieldsProps) {
  const { tactic, disabled, change } = of;
  const per = tactic.per === 'percent' && tactic.percentOf === 'invoice' ? 'percent_invoice' : tactic.per;
  const set = (chosen: string) =>
    change({
      ...tactic,
      per: (chosen === 'percent_invoice' ? 'percent' : chosen) as RatePer,
      percentOf: chosen === 'percent_invoice' ? 'invoice' : 'list',
    });
  return (
    <>
      <NumberInput
        {...of}
        field="rate"
        label={takes(tactic.mechanic, 'tiers') ? 'Rate below the first tier' : 'Rate'}
        unit={tactic.per === 'percent' ? '%' : moneyUnit(of)}
        error={of.refusal('rate.amount')}
      />
      <Select
        label="Per"
        allowDeselect={false}
        data={[
          { value: 'case', label: 'case' },
          { value: 'unit', label: 'unit' },
          { value: 'percent', label: '% of list price' },
          { value: 'percent_invoice', label: '% of invoice price' },
        ]}
        value={per}
        disabled={disabled}
        error={of.refusal('rate.percentOf')}
        onChange={(chosen) => set(chosen ?? 'case')}
      />
      <NumberInput
        {...of}
        field="passThrough"
        label="Pass-through to the shelf"
        unit="%"
        placeholder={tactic.mechanic === 'volume_rebate' || tactic.mechanic === 'distributor_chargeback' ? '0' : '100'}
      />
      {takes(tactic.mechanic, 'redemptionRate') && (
        <NumberInput
          {...of}
          field="redemption"
          label="Redeemed of the units sold"
          unit="%"
          error={of.refusal('redemptionRate')}
        />
      )}
      {takes(tactic.mechanic, 'fundingBasis') && (
        <Select
          label="Paid on"
          allowDeselect={false}
          data={[
            { value: 'consumption', label: 'units scanned' },
            { value: 'shipments', label: 'cases shipped' },
          ]}
          value={tactic.fundingBasis}
          disabled={disabled}
          error={of.refusal('fundingBasis')}
          onChange={(basis) => change({ ...tactic, fundingBasis: basis === 'shipments' ? 'shipments' : 'consumption' })}
        />
      )}
      {takes(tactic.mechanic, 'tiers') && <TierFields {...of} />}
    </>
  );
}

function TierFields(of: TacticFieldsProps) {
  const { tactic, disabled, change } = of;
  const unit = tactic.per === 'percent' ? '%' : moneyUnit(of);
  const set = (at: number, tier: { from: string; rate: string }) =>
    change({ ...tactic, tiers: tactic.tiers.map((each, index) => (index === at ? tier : each)) });
  return (
    <div className="wide stack" style={{ gap: 4 }}>
      <Select
        label="Tiers"
        allowDeselect={false}
        data={[
          { value: 'retroactive', label: 'The tier reached pays on every case' },
          { value: 'incremental', label: 'Each tier pays on the cases within it' },
        ]}
        value={tactic.tierMethod}
        disabled={disabled}
        error={of.refusal('tiers')}
        onChange={(method) =>
          change({ ...tactic, tierMethod: method === 'incremental' ? 'incremental' : 'retroactive' })
        }
      />
      {tactic.tiers.map((tier, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a tier has no identity but its place
        <div className="tier-row" key={at}>
          <TextInput
            {...numeric}
            aria-label={`Tier ${at + 1}: from so many cases`}
            rightSection={<span className="unit">cases</span>}
            rightSectionWidth={44}
            leftSection={<span className="unit">from</span>}
            value={tier.from}
            disabled={disabled}
            error={of.refusal(`tiers.steps.${at}.from`)}
            onChange={(event) => set(at, { ...tier, from: digits(event.currentTarget.value) })}
          />
          <TextInput
            {...numeric}
            aria-label={`Tier ${at + 1}: rate`}
            rightSection={<span className="unit">{unit}</span>}
            rightSectionWidth={unit.length > 1 ? 48 : 28}
            value={tier.rate}
            disabled={disabled}
            error={of.refusal(`tiers.steps.${at}.rate`)}
            onChange={(event) => set(at, { ...tier, rate: digits(event.currentTarget.value) })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove tier ${at + 1}`}
            disabled={disabled}
            onClick={() => change({ ...tactic, tiers: tactic.tiers.filter((_, index) => index !== at) })}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      {!disabled && (
        <Adder onClick={() => change({ ...tactic, tiers: [...tactic.tiers, { from: '', rate: '' }] })}>
          Add a tier
        </Adder>
      )}
    </div>
  );
}

/** A fixed amount, for each store where there are some, and when it counts as earned. */
export function LumpSumFields(of: TacticFieldsProps) {
  const { tactic, disabled, change } = of;
  return (
    <>
      <NumberInput
        {...of}
        field="lumpSum"
        label={tactic.stores ? 'Lump sum per store' : 'Lump sum'}
        unit={moneyUnit(of)}
      />
      {takes(tactic.mechanic, 'stores') && (
        <NumberInput {...of} field="stores" label="Stores (optional)" unit="×" placeholder="1" />
      )}
      <Select
        label="Earned"
        allowDeselect={false}
        data={[
          { value: 'straight_line', label: 'evenly by day' },
          { value: 'on_date', label: 'on its first day' },
          { value: 'volume_curve', label: 'with the volume' },
        ]}
        value={tactic.recognition}
        disabled={disabled}
        error={of.refusal('recognition')}
        onChange={(recognition) => change({ ...tactic, recognition: (recognition ?? 'straight_line') as Recognition })}
      />
    </>
  );
}

function DateInput({
  field,
  label,
  ...of
}: TacticFieldsProps & { field: 'startsOn' | 'endsOn' | 'fxOn'; label: string }) {
  const { tactic, disabled, change } = of;
  return (
    <TextInput
      type="date"
      label={label}
      value={tactic[field]}
      disabled={disabled}
      error={of.refusal(field === 'fxOn' ? 'fx.on' : field)}
      onChange={(event) => change({ ...tactic, [field]: event.currentTarget.value })}
    />
  );
}

/** Dates of its own, limits and another currency: open where any of them is set. */
export function SpecialFields(of: TacticFieldsProps) {
  const { tactic, currency, disabled, change } = of;
  const { startsOn, endsOn, cap, minimum } = tactic;
  const foreign = tactic.currency !== '' && tactic.currency !== currency;
  const said = [startsOn, endsOn, cap, minimum, foreign ? tactic.currency : ''].some((text) => text !== '');
  return (
    <details className="wide" open={said || undefined}>
      <summary className="t-sm">Dates of its own, limits, currency</summary>
      <div className="fields" style={{ marginTop: 6 }}>
        <DateInput {...of} field="startsOn" label="From" />
        <DateInput {...of} field="endsOn" label="Until" />
        {takes(tactic.mechanic, 'cap') && <NumberInput {...of} field="cap" label="Pays at most" unit={moneyUnit(of)} />}
        {takes(tactic.mechanic, 'minimum') && (
          <NumberInput {...of} field="minimum" label="Pays at least" unit={moneyUnit(of)} />
        )}
        <TextInput
          label="Currency"
          maxLength={3}
          placeholder={currency}
          value={tactic.currency}
          disabled={disabled}
          onChange={(event) => change({ ...tactic, currency: event.currentTarget.value.toUpperCase() })}
        />
        {foreign && (
          <>
            <TextInput
              label="Type of exchange rate"
              placeholder="plan"
              maxLength={100}
              value={tactic.fxType}
              disabled={disabled}
              error={of.refusal('fx.type')}
              onChange={(event) => change({ ...tactic, fxType: event.currentTarget.value })}
            />
            <DateInput {...of} field="fxOn" label="Rate of the day (optional)" />
          </>
        )}
      </div>
    </details>
  );
}
