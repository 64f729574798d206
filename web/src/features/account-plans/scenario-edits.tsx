import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Promotion, PromotionRow } from '../../api/promotion-shapes.ts';
import { promotionQuery, promotionsQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { dateText, daysBetween, movedBy } from '../../ui/format.ts';
import { sayRefused } from '../../ui/toast.tsx';
import { lineNames, targetLines } from './lines.ts';
import { breakdownQuery } from './queries.ts';
import type { PlanPeriod, Scenario, ScenarioEdit, TargetLine } from './shapes.ts';

type Kind = ScenarioEdit['kind'];

const kinds: { value: Kind; label: string }[] = [
  { value: 'include', label: 'Count a draft' },
  { value: 'add', label: 'Repeat a promotion on another date' },
  { value: 'move', label: 'Move a promotion' },
  { value: 'change', label: 'Change a rate' },
  { value: 'drop', label: 'Drop a promotion' },
  { value: 'baseline', label: 'Change the baseline' },
  { value: 'target', label: 'Change a target' },
];

/** An edit in words. */
export function editText(edit: ScenarioEdit, nameOf: (promotionId: string) => string): string {
  switch (edit.kind) {
    case 'add':
      return `Add ${edit.promotion.name} from ${dateText(edit.promotion.startsOn)}`;
    case 'include':
      return `Count the draft ${nameOf(edit.promotionId)}`;
    case 'drop':
      return `Drop ${nameOf(edit.promotionId)}`;
    case 'move':
      return `Move ${nameOf(edit.promotionId)} to ${dateText(edit.startsOn)}`;
    case 'change': {
      const what = [
        edit.rate && `rate ${edit.rate}`,
        edit.lumpSum && `lump sum ${edit.lumpSum}`,
        edit.passThrough && `pass-through ${edit.passThrough}`,
      ];
      return `${nameOf(edit.promotionId)}: ${what.filter(Boolean).join(', ')}`;
    }
    case 'target':
      return `Target of ${lineNames[edit.line].toLowerCase()} in P${edit.period}: ${edit.amount ?? 'none'}`;
    case 'baseline':
      return `Baseline ${edit.percent} %${edit.accountId || edit.productId ? ' of a part' : ''}`;
  }
}

const later = (date: unknown, days: number) => (typeof date === 'string' ? movedBy(date, days) : null);

/** A promotion as a new one from another day on: every date keeps its distance, tactics are its own. */
async function repeated(promotionId: string, startsOn: string): Promise<ScenarioEdit> {
  const of = await request<Promotion & Record<string, unknown>>(`/promotions/${promotionId}`);
  const days = daysBetween(of.startsOn, startsOn);
  const taken = ['mechanic', 'productIds', 'fundSplit', 'rate', 'lumpSum', 'passThrough', 'fundingBasis'] as const;
  const more = ['redemptionRate', 'stores', 'recognition', 'tiers', 'cap', 'minimum'] as const;
  return {
    kind: 'add',
    promotion: {
      ...{ name: of.name, customerId: of.customerId, startsOn, endsOn: movedBy(of.endsOn, days) },
      shipStartsOn: later(of.shipStartsOn, days),
      shipEndsOn: later(of.shipEndsOn, days),
      claimByOn: later(of.claimByOn, days),
      tactics: of.tactics.map((tactic) => {
        const all = tactic as unknown as Record<string, unknown>;
        const kept = [...taken, ...more].flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]));
        return {
          ...Object.fromEntries(kept),
          startsOn: later(all.startsOn, days),
          endsOn: later(all.endsOn, days),
        };
      }),
    },
  };
}

function promotionOptions(kind: Kind, promotions: readonly PromotionRow[]) {
  const wanted = promotions.filter(({ state }) =>
    kind === 'include' ? state === 'draft' : kind === 'drop' ? state !== 'draft' : true,
  );
  return wanted.map(({ id, code, name, startsOn }) => ({ value: id, label: `${code} ${name}, ${dateText(startsOn)}` }));
}

function TacticFields({
  promotionId,
  tacticId,
  rate,
  pick,
  setRate,
}: {
  promotionId: string;
  tacticId: string;
  rate: string;
  pick(id: string): void;
  setRate(rate: string): void;
}) {
  const promotion = useQuery(promotionQuery(promotionId));
  const rated = (promotion.data?.tactics ?? []).filter((tactic) => tactic.rate);
  const tactic = rated.find(({ id }) => id === tacticId);
  return (
    <>
      <Select
        aria-label="Tactic"
        placeholder="Tactic with a rate"
        data={rated.map(({ id, mechanic, rate: now }) => ({
          value: id ?? '',
          label: `${mechanic.replaceAll('_', ' ')} ${now?.amount} per ${now?.per}`,
        }))}
        value={tacticId || null}
        onChange={(id) => pick(id ?? '')}
      />
      <TextInput
        aria-label="New rate"
        placeholder={tactic?.rate ? `now ${tactic.rate.amount}` : 'New rate'}
        inputMode="decimal"
        value={rate}
        onChange={(event) => setRate(event.currentTarget.value.replace(/[^\d.]/g, ''))}
      />
    </>
  );
}

interface Draft {
  kind: Kind;
  promotionId: string;
  startsOn: string;
  tacticId: string;
  amount: string;
  accountId: string;
  period: string;
  line: TargetLine;
}

const blank: Draft = {
  ...{ kind: 'include', promotionId: '', startsOn: '', tacticId: '', amount: '', accountId: '', period: '' },
  line: 'contribution',
};

async function editOf(draft: Draft): Promise<ScenarioEdit | null> {
  const { kind, promotionId, startsOn, tacticId, amount, accountId, period, line } = draft;
  if (kind === 'baseline') {
    return amount === '' ? null : { kind, accountId: accountId || null, productId: null, percent: amount };
  }
  if (kind === 'target') return period === '' ? null : { kind, period: Number(period), line, amount: amount || null };
  if (promotionId === '') return null;
  if (kind === 'include' || kind === 'drop') return { kind, promotionId };
  if (kind === 'change') return tacticId && amount ? { kind, promotionId, tacticId, rate: amount } : null;
  if (startsOn === '') return null;
  return kind === 'move' ? { kind, promotionId, startsOn } : repeated(promotionId, startsOn);
}

/** What a scenario changes, with a line to add one more change. */
export function ScenarioEdits({
  scenario,
  periods,
  customerIds,
  range,
  change,
  pending,
}: {
  scenario: Scenario;
  periods: readonly PlanPeriod[];
  /** The plan's customer and all below it. */
  customerIds: ReadonlySet<string>;
  range: { from: string; to: string };
  change(edits: ScenarioEdit[]): void;
  pending: boolean;
}) {
  const promotions = useQuery(promotionsQuery(range));
  const accounts = useQuery(breakdownQuery(scenario.planId, { by: 'account', snapshot: scenario.snapshot }));
  const inPlan = (promotions.data ?? []).filter((one) => customerIds.has(one.customerId));
  const names = new Map(inPlan.map(({ id, code, name }) => [id, `${code} ${name}`]));
  const [draft, setDraft] = useState<Draft>(blank);
  const put = (members: Partial<Draft>) => setDraft({ ...draft, ...members });
  const open = scenario.state === 'open';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    editOf(draft)
      .then((edit) => {
        if (!edit) return;
        change([...scenario.edits, edit]);
        setDraft({ ...blank, kind: draft.kind });
      })
      .catch(sayRefused);
  };
  return (
    <div className="panel-body stack">
      {scenario.edits.length === 0 && <div className="t-dim">No changes yet: the scenario is the plan.</div>}
      {scenario.edits.map((edit, position) => {
        const outcome = scenario.adoption.find((one) => one.position === position);
        const prediction = scenario.predictions.find(
          ({ key }) => key === `add:${position}` || ('promotionId' in edit && key === edit.promotionId),
        );
        return (
          <div key={JSON.stringify(edit)} className="row spread">
            <span className="grow">
              {editText(edit, (id) => names.get(id) ?? 'a promotion')}
              {prediction?.refusal && <span className="t-dim"> · not estimated: {prediction.refusal}</span>}
              {outcome && (
                <span className={outcome.state === 'refused' ? 'neg' : 't-dim'}>
                  {' · '}
                  {outcome.state === 'waiting' ? 'waiting' : outcome.detail}{' '}
                  {outcome.promotionId && (
                    <Link to="/promotions/$id" params={{ id: outcome.promotionId }}>
                      Open
                    </Link>
                  )}
                </span>
              )}
            </span>
            {open && (
              <ActionIcon
                variant="subtle"
                aria-label={`Take out: ${editText(edit, (id) => names.get(id) ?? 'a promotion')}`}
                onClick={() => change(scenario.edits.filter((_, i) => i !== position))}
              >
                <IconTrash size={14} />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {open && (
        <form className="stack" onSubmit={submit}>
          <Select
            aria-label="Kind of change"
            data={kinds}
            value={draft.kind}
            allowDeselect={false}
            onChange={(kind) => put({ kind: (kind ?? 'include') as Kind, promotionId: '', amount: '' })}
          />
          {draft.kind !== 'baseline' && draft.kind !== 'target' && (
            <Select
              aria-label="Promotion"
              placeholder="Promotion"
              data={promotionOptions(draft.kind, inPlan)}
              value={draft.promotionId || null}
              searchable
              nothingFoundMessage="None of this kind in the plan"
              onChange={(id) => put({ promotionId: id ?? '', tacticId: '' })}
            />
          )}
          {(draft.kind === 'move' || draft.kind === 'add') && (
            <TextInput
              type="date"
              aria-label="New first day"
              value={draft.startsOn}
              onChange={(event) => put({ startsOn: event.currentTarget.value })}
            />
          )}
          {draft.kind === 'change' && draft.promotionId && (
            <TacticFields
              promotionId={draft.promotionId}
              tacticId={draft.tacticId}
              rate={draft.amount}
              pick={(tacticId) => put({ tacticId })}
              setRate={(amount) => put({ amount })}
            />
          )}
          {draft.kind === 'baseline' && (
            <>
              <Select
                aria-label="Account"
                placeholder="All accounts"
                clearable
                data={(accounts.data?.items ?? []).map(({ id, code, name }) => ({
                  value: id,
                  label: `${code} ${name}`,
                }))}
                value={draft.accountId || null}
                onChange={(id) => put({ accountId: id ?? '' })}
              />
              <TextInput
                aria-label="Change in percent"
                placeholder="+5 or -5"
                rightSection={<span className="unit">%</span>}
                value={draft.amount}
                onChange={(event) => put({ amount: event.currentTarget.value.replace(/[^\d.-]/g, '') })}
              />
            </>
          )}
          {draft.kind === 'target' && (
            <div className="row">
              <Select
                aria-label="Period"
                placeholder="Period"
                data={periods.map(({ period }) => ({ value: String(period), label: `P${period}` }))}
                value={draft.period || null}
                onChange={(period) => put({ period: period ?? '' })}
              />
              <Select
                aria-label="Line"
                data={targetLines.map(([line]) => ({ value: line, label: lineNames[line] }))}
                value={draft.line}
                allowDeselect={false}
                onChange={(line) => put({ line: (line ?? 'contribution') as TargetLine })}
              />
              <TextInput
                aria-label="Target"
                placeholder="none"
                value={draft.amount}
                onChange={(event) => put({ amount: event.currentTarget.value.replace(/[^\d.-]/g, '') })}
              />
            </div>
          )}
          <Button type="submit" variant="default" loading={pending}>
            Add the change
          </Button>
        </form>
      )}
    </div>
  );
}
