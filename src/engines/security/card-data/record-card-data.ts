import type { Context } from '#context';
import { recordAudit } from '../audit/record-audit.ts';

/** Where a payment card's number was found and refused; never the number itself. */
export interface CardDataFound {
  /** Method and path pattern: `POST /comments`. */
  route: string;
  /** Path of the member in the body. */
  member: string;
}

/** Records that card data was sent and refused, in the class of entries that is kept twelve months (PCI DSS 10.5.1). */
export async function recordCardData(context: Context, { route, member }: CardDataFound): Promise<void> {
  await context.db.transact(context, (tx) =>
    recordAudit(tx, { action: 'card_data.refused', entityType: 'route', entityId: route, after: { member } }),
  );
}
