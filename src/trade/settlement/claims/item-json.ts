import { z } from 'zod';
import { dateSchema, idSchema, moneyAnswerSchema } from '#http';
import { amountOf, toJson } from '#money';
import type { MatchSuggestion } from './domain/match-suggestion.ts';
import { itemKinds, itemStates, openAmount } from './domain/settlement-item.ts';
import type { SettlementItem } from './item-store.ts';
import type { StoredSuggestion } from './match-store.ts';

/** A deduction or claim in JSON. */
export const itemSchema = z.object({
  id: idSchema,
  kind: z.enum(itemKinds),
  customerId: idSchema,
  reference: z.string(),
  parentId: idSchema.nullable(),
  isSplit: z.boolean(),
  amount: moneyAnswerSchema,
  tax: moneyAnswerSchema,
  openAmount: moneyAnswerSchema,
  takenOn: dateSchema,
  disputeByOn: dateSchema,
  reasonCode: z.string().nullable(),
  category: z.string().nullable(),
  note: z.string(),
  state: z.enum(itemStates),
  validAmount: moneyAnswerSchema.nullable(),
  settled: moneyAnswerSchema,
  recovered: moneyAnswerSchema,
  writtenOff: moneyAnswerSchema,
  flags: z.array(z.object({ flag: z.string(), reason: z.string(), itemId: idSchema.optional() })),
  proofWaived: z.string().nullable(),
  capturedBy: idSchema,
  capturedAt: z.iso.datetime(),
  version: z.int(),
});

/** An item as {@link itemSchema} has it. */
export function itemJson(item: SettlementItem): z.infer<typeof itemSchema> {
  const { splitAt, ...rest } = item;
  return {
    ...rest,
    flags: [...item.flags],
    isSplit: splitAt !== null,
    amount: toJson(item.amount),
    tax: toJson(item.tax),
    openAmount: toJson(openAmount(item)),
    validAmount: item.validAmount && toJson(item.validAmount),
    settled: toJson(item.settled),
    recovered: toJson(item.recovered),
    writtenOff: toJson(item.writtenOff),
    capturedAt: item.capturedAt.toISOString(),
  };
}

/** Tactics that may answer for an item together, in JSON. */
export const suggestionSchema = z.object({
  /** Probability by the model, a decimal string. */
  confidence: z.string(),
  reasons: z.array(z.string()),
  matches: z.array(
    z.object({
      tacticId: idSchema,
      promotionId: idSchema,
      promotionCode: z.string(),
      mechanic: z.string(),
      amount: moneyAnswerSchema,
    }),
  ),
  /** What spoke for and against it; each has a weight in the model. */
  evidence: z.record(z.string(), z.number()),
});

/** A suggestion as it is kept, as {@link suggestionSchema} has it. */
export function storedSuggestionJson(
  { parts, confidence, reasons, evidence }: StoredSuggestion,
  currency: string,
): z.infer<typeof suggestionSchema> {
  const matches = parts.map((part) => ({ ...part, amount: { amount: part.amount, currency } }));
  return { confidence: confidence.toFixed(4), reasons, matches, evidence };
}

/** A suggestion as {@link suggestionSchema} has it. */
export function suggestionJson(suggestion: MatchSuggestion, currency: string): z.infer<typeof suggestionSchema> {
  const parts = suggestion.parts.map((part) => ({ ...part, amount: amountOf(part.amount) }));
  return storedSuggestionJson({ ...suggestion, parts }, currency);
}
