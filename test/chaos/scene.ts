import { openFundIn } from '#funds';
import type { TestHouse } from '../house.ts';
import { addPerson } from '../people.ts';
import type { Scene } from './approvals.ts';

/** A fund that is large enough, somebody who asks and four who decide. */
export async function setScene(house: TestHouse): Promise<Scene> {
  const context = house.context();
  const fund = await context.db.transact(context, (tx) =>
    openFundIn(tx, {
      ...{ code: 'CHAOS', name: 'Chaos', kind: 'fixed', currency: 'USD', amount: '1000000.00' },
      ...{ validFrom: '2026-01-01', validTo: '2026-12-31' },
    }),
  );
  const person = () => addPerson(house, ['trade_marketing_manager'], '5000');
  const maker = await person();
  return { fundId: fund.id, maker, deciders: [await person(), await person(), await person(), await person()] };
}
