import { Button } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Plan } from '../../api/promotion-shapes.ts';
import { request } from '../../api/request.ts';
import type { Money } from '../../api/shapes.ts';
import { dateText, moneyText, rangeText, ratioText, volumeText, wordsOf } from '../../ui/format.ts';
import { Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { RetailerFigure } from '../evidence/ladder.tsx';

interface Payment {
  mechanic: string;
  products: string[];
  rate: { amount: string; currency: string; per: string } | null;
  redemptionRate: string | null;
  lumpSum: Money | null;
  stores: number | null;
  lumpSumInAll: Money | null;
  startsOn: string;
  endsOn: string;
}

interface Sheet {
  code: string;
  name: string;
  customerName: string;
  currency: string;
  startsOn: string;
  endsOn: string;
  shipStartsOn: string;
  shipEndsOn: string;
  claimByOn: string;
  products: {
    id: string;
    code: string;
    name: string;
    unitsPerCase: string | null;
    shelfPriceBefore: string | null;
    shelfPriceDuring: string | null;
    cut: string | null;
    expectedUnits: string | null;
  }[];
  retailer: Plan['retailer'];
  payments: Payment[];
}

function paymentText({ rate, redemptionRate, lumpSum, stores, lumpSumInAll }: Payment): string {
  const parts: string[] = [];
  if (rate) {
    const redeemed = redemptionRate ? `, expected on ${ratioText(redemptionRate)} of the units sold` : '';
    parts.push(`${rate.per === 'percent' ? `${rate.amount} %` : `${moneyText(rate)} per ${rate.per}`}${redeemed}`);
  }
  if (lumpSum) {
    const several = stores !== null && stores > 1;
    parts.push(
      `${moneyText(lumpSum)}${several ? ` per store, for ${stores} stores: ${moneyText(lumpSumInAll)} in all` : ''}`,
    );
  }
  return parts.join(' and ');
}

function Products({ sheet }: { sheet: Sheet }) {
  const price = (amount: string | null) => (amount === null ? '–' : moneyText({ amount, currency: sheet.currency }));
  const cell = (
    product: Sheet['products'][number],
    of: 'basePrice' | 'shelfPrice' | 'depth' | 'predictedUnits',
    label: string,
    text: ReactNode,
  ) => {
    // A product of the sheet is one of its plan, under the plan's own names.
    const { shelfPriceBefore: basePrice, shelfPriceDuring: shelfPrice, cut: depth } = product;
    const row = { productId: product.id, basePrice, shelfPrice, depth, predictedUnits: product.expectedUnits };
    return (
      <CellValue of={`plan.products.${of}`} row={row} value={row[of]} label={`${label}, ${product.name}`}>
        {text}
      </CellValue>
    );
  };
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Product</th>
          <th className="right">Units per case</th>
          <th className="right">Shelf price now</th>
          <th className="right">During the event</th>
          <th className="right">Cut</th>
          <th className="right">Expected units</th>
        </tr>
      </thead>
      <tbody>
        {sheet.products.map((product) => (
          <tr key={product.code}>
            <td>
              {product.name} <span className="t-faint num">{product.code}</span>
            </td>
            <td className="right num" data-plain="a dated conversion of the product">
              {volumeText(product.unitsPerCase)}
            </td>
            <td className="right">{cell(product, 'basePrice', 'Shelf price now', price(product.shelfPriceBefore))}</td>
            <td className="right">
              {cell(product, 'shelfPrice', 'During the event', <b>{price(product.shelfPriceDuring)}</b>)}
            </td>
            <td className="right">{cell(product, 'depth', 'Cut', ratioText(product.cut))}</td>
            <td className="right">
              {cell(product, 'predictedUnits', 'Expected units', volumeText(product.expectedUnits, 0))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Margin({ retailer }: { retailer: NonNullable<Sheet['retailer']> }) {
  const rows = [
    { label: 'Without the event', when: 'Before' },
    { label: 'With the event', when: 'After' },
  ] as const;
  return (
    <section>
      <h2>Your margin over the event</h2>
      <table className="grid tight">
        <thead>
          <tr>
            <th />
            <th className="right">Margin</th>
            <th className="right">Of shelf sales</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, when }) => (
            <tr key={label}>
              <td>{label}</td>
              <td className="right">
                <RetailerFigure retailer={retailer} of={`margin${when}`} label={`Margin, ${label}`} currency />
              </td>
              <td className="right">
                <RetailerFigure retailer={retailer} of={`percent${when}`} label={`Margin of shelf sales, ${label}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="t-dim t-sm">{retailer.note}</p>
    </section>
  );
}

function Payments({ payments }: { payments: readonly Payment[] }) {
  return (
    <section>
      <h2>What you are paid</h2>
      <table className="grid tight wrap">
        <thead>
          <tr>
            <th>For</th>
            <th>Products</th>
            <th>When</th>
            <th className="right">Amount</th>
          </tr>
        </thead>
        <tbody>
          {payments.map((payment, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a sheet is read, never reordered
            <tr key={place}>
              <td>{wordsOf(payment.mechanic)}</td>
              <td>{payment.products.join(', ')}</td>
              <td className="num">{rangeText(payment.startsOn, payment.endsOn)}</td>
              <td className="right num" data-plain="what was agreed, in words; its promotion tells who entered it">
                {paymentText(payment)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The event as its buyer sees it, to print: nothing of our cost, profit or funds. */
export function SellSheet() {
  const { id } = useParams({ from: '/app/promotions/$id/sell-sheet' });
  const query = useQuery({
    queryKey: ['promotion', id, 'sell-sheet'],
    queryFn: ({ signal }) => request<Sheet>(`/promotions/${id}/sell-sheet`, { signal }),
  });
  const sheet = query.data;
  const actions = (
    <>
      <Link to="/promotions/$id" params={{ id }} className="t-sm">
        Back to the workspace
      </Link>
      <Button leftSection={<IconPrinter size={14} />} disabled={!sheet} onClick={() => window.print()}>
        Print
      </Button>
    </>
  );
  return (
    <Screen title="Sell sheet" sub={sheet && <span className="num">{sheet.code}</span>} actions={actions}>
      {query.error && <Refusal error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <RowsLoading rows={10} />}
      {sheet && (
        <article className="sell-sheet">
          <header>
            <h1>{sheet.name}</h1>
            <div>{sheet.customerName}</div>
            <dl>
              <div>
                <dt>In store</dt>
                <dd>{rangeText(sheet.startsOn, sheet.endsOn)}</dd>
              </div>
              <div>
                <dt>Shipping</dt>
                <dd>{rangeText(sheet.shipStartsOn, sheet.shipEndsOn)}</dd>
              </div>
              <div>
                <dt>Claim by</dt>
                <dd>{dateText(sheet.claimByOn)}</dd>
              </div>
            </dl>
          </header>
          <section>
            <h2>Products and shelf prices</h2>
            <Products sheet={sheet} />
          </section>
          {sheet.retailer ? (
            <Margin retailer={sheet.retailer} />
          ) : (
            <p className="t-dim">There is too little history to estimate volume and margin for this event.</p>
          )}
          <Payments payments={sheet.payments} />
        </article>
      )}
    </Screen>
  );
}
