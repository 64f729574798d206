import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { TermLine } from './shapes.ts';
import { basisWords, kindWords, paymentWords } from './words.ts';

const choices = (words: Readonly<Record<string, string>>, but: readonly string[] = []) =>
  Object.entries(words)
    .filter(([value]) => !but.includes(value))
    .map(([value, label]) => ({ value, label }));

const decimal = (text: string) => text.replace(/[^\d.]/g, '');
const isTiered = (kind: TermLine['kind']) => kind === 'growth' || kind === 'volume_rebate';

const emptyTiers: NonNullable<TermLine['tiers']> = {
  method: 'retroactive',
  measure: 'cases',
  steps: [{ from: '', rate: '' }],
};

/** A line as a new row begins: so many percent of list on the invoice. */
export function newLine(code: string): TermLine {
  return {
    ...{ code, kind: 'on_invoice', basis: 'percent_of_list', rate: '', tiers: null, condition: null },
    payment: 'on_invoice',
  };
}

/** The line as another kind of term, with what that kind needs. */
function asKind(line: TermLine, kind: TermLine['kind']): TermLine {
  const tiered = isTiered(kind);
  return {
    ...line,
    kind,
    basis: kind === 'on_invoice' && line.basis === 'lump_sum' ? 'percent_of_list' : line.basis,
    rate: tiered ? null : (line.rate ?? ''),
    tiers: tiered ? (line.tiers ?? emptyTiers) : null,
    condition: kind === 'conditional' ? (line.condition ?? '') : null,
    payment:
      kind === 'on_invoice'
        ? 'on_invoice'
        : line.payment === 'on_invoice'
          ? tiered
            ? 'yearly'
            : 'quarterly'
          : line.payment,
  };
}

function Tiers({ line, change }: { line: TermLine; change(line: TermLine): void }) {
  const tiers = line.tiers ?? emptyTiers;
  const put = (steps: typeof tiers.steps) => change({ ...line, tiers: { ...tiers, steps } });
  const from =
    line.kind === 'growth' ? 'From % over last year' : tiers.measure === 'money' ? 'From sales at list' : 'From cases';
  return (
    <div className="stack wide" style={{ gap: 6 }}>
      <div className="fields">
        <Select
          label="Tiers pay"
          data={[
            { value: 'retroactive', label: 'the reached rate on everything' },
            { value: 'incremental', label: 'each rate on its own band' },
          ]}
          value={tiers.method}
          allowDeselect={false}
          onChange={(method) => change({ ...line, tiers: { ...tiers, method: method as typeof tiers.method } })}
        />
        <Select
          label="Thresholds count"
          data={[
            { value: 'cases', label: 'cases' },
            { value: 'money', label: 'gross sales at list' },
          ]}
          value={tiers.measure}
          allowDeselect={false}
          onChange={(measure) => change({ ...line, tiers: { ...tiers, measure: measure as typeof tiers.measure } })}
        />
      </div>
      {tiers.steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step has no name but its place
        <div className="tier-row" key={i}>
          <TextInput
            aria-label={from}
            placeholder={from}
            inputMode="decimal"
            value={step.from}
            onChange={(event) => put(tiers.steps.with(i, { ...step, from: decimal(event.currentTarget.value) }))}
          />
          <TextInput
            aria-label={`Rate, ${basisWords[line.basis]}`}
            placeholder={`Rate, ${basisWords[line.basis]}`}
            inputMode="decimal"
            value={step.rate}
            onChange={(event) => put(tiers.steps.with(i, { ...step, rate: decimal(event.currentTarget.value) }))}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Remove the tier"
            disabled={tiers.steps.length === 1}
            onClick={() => put(tiers.steps.toSpliced(i, 1))}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => put([...tiers.steps, { from: '', rate: '' }])}
        >
          Add a tier
        </Button>
      </div>
    </div>
  );
}

/** Writes one line of an agreement. */
export function LineForm({ line, change, remove }: { line: TermLine; change(line: TermLine): void; remove(): void }) {
  const tiered = isTiered(line.kind);
  return (
    <div className="tactic">
      <div className="fields">
        <TextInput
          label="Term"
          required
          value={line.code}
          onChange={(event) => change({ ...line, code: event.currentTarget.value.toUpperCase() })}
          rightSection={
            <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${line.code || 'the line'}`} onClick={remove}>
              <IconTrash size={14} />
            </ActionIcon>
          }
        />
        <Select
          label="Kind"
          data={choices(kindWords)}
          value={line.kind}
          allowDeselect={false}
          onChange={(kind) => change(asKind(line, kind as TermLine['kind']))}
        />
        <Select
          label="Rate is"
          data={choices(basisWords, line.kind === 'on_invoice' ? ['lump_sum'] : [])}
          value={line.basis}
          allowDeselect={false}
          onChange={(basis) => change({ ...line, basis: basis as TermLine['basis'] })}
        />
        {!tiered && (
          <TextInput
            label={line.basis === 'lump_sum' ? 'Amount a fiscal period' : 'Rate'}
            required
            inputMode="decimal"
            value={line.rate ?? ''}
            onChange={(event) => change({ ...line, rate: decimal(event.currentTarget.value) })}
          />
        )}
        {line.kind !== 'on_invoice' && (
          <Select
            label="Paid"
            data={choices(paymentWords, ['on_invoice'])}
            value={line.payment}
            allowDeselect={false}
            onChange={(payment) => change({ ...line, payment: payment as TermLine['payment'] })}
          />
        )}
        {line.kind === 'conditional' && (
          <TextInput
            className="wide"
            label="Condition"
            required
            value={line.condition ?? ''}
            onChange={(event) => change({ ...line, condition: event.currentTarget.value })}
          />
        )}
        {tiered && <Tiers line={line} change={change} />}
      </div>
    </div>
  );
}
