import type { Page } from 'playwright-core';
import { read } from './stage.ts';

/** The fund that bears a tactic, the first one of its split. */
export async function fundOf(page: Page, { promotionId, tacticId }: { promotionId: string; tacticId: string }) {
  type Promotion = { tactics: { id: string; fundSplit: { fundId: string }[] }[] };
  const { tactics } = await read<Promotion>(page, `/promotions/${promotionId}`);
  return tactics.find(({ id }) => id === tacticId)?.fundSplit[0]?.fundId ?? '';
}
