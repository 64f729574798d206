import { z } from 'zod';
import { dateSchema, idSchema, moneyAnswerSchema } from '#http';
import { toJson } from '#money';
import { itemKinds, itemStates, openAmount } from './domain/settlement-item.ts';
import type { SettlementItem } from './item-store.ts';

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
  capturedBy: idSchema,
  capturedAt: z.iso.datetime(),
  version: z.int(),
});

/** An item as {@link itemSchema} has it. */
export function itemJson(item: SettlementItem): z.infer<typeof itemSchema> {
  const { splitAt, ...rest } = item;
  return {
    ...rest,
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
