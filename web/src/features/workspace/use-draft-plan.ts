import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { asProblem } from '../../api/problem.ts';
import type { PromotionInput } from '../../api/promotion-shapes.ts';
import { previewQuery } from '../../api/queries.ts';
import { type Draft, inputOf } from './draft.ts';

const typingPauseMs = 150;

/** What the figures depend on: without the name, so that typing one asks for nothing, and without the ids of tactics. */
export function pricedPart(input: PromotionInput): PromotionInput {
  return { ...input, name: 'Draft', tactics: input.tactics.map(({ id: _id, ...tactic }) => tactic) };
}

/** The plan of what stands in the form: asked for again after each pause in typing. */
export function useDraftPlan(draft: Draft, currency: string, active = true) {
  const input = useMemo(() => (active ? inputOf(draft, currency) : null), [draft, currency, active]);
  const priced = useMemo(() => input && pricedPart(input), [input]);
  const [asked] = useDebouncedValue(priced, typingPauseMs);
  const plan = useQuery(previewQuery(asked));
  return {
    input,
    plan: plan.data,
    error: asked ? plan.error : null,
    fieldErrors: asked && plan.error ? asProblem(plan.error).errors : [],
    busy: plan.isFetching || (priced !== null && asked !== priced),
  };
}
