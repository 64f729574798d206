import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { amountText, moneyText, wordsOf } from '../../ui/format.ts';
import { decimalOf, isAmount, minorOf, plainAmount, shownDigits } from './amounts.ts';
import { categories } from './categories.ts';
import { DeskDialog, type DialogProps } from './desk-dialog.tsx';
import { changeOf } from './use-item-change.ts';

/** Says what an item is for; only then can it be matched. */
export function CategoriseDialog({ item, close, done }: DialogProps) {
  const [category, setCategory] = useState(item.category ?? categories[0] ?? '');
  const [reasonCode, setReasonCode] = useState(item.reasonCode ?? '');
  return (
    <DeskDialog
      title={`Categorise ${item.reference}`}
      send="Categorise"
      said="Categorised"
      change={() =>
        changeOf(item, 'categorise', { category, ...(reasonCode.trim() ? { reasonCode: reasonCode.trim() } : {}) })
      }
      ready={category !== ''}
      close={close}
      done={done}
    >
      <NativeSelect
        label="It is for"
        data={categories.map((value) => ({ value, label: wordsOf(value) }))}
        value={category}
        onChange={(event) => setCategory(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="Customer’s reason code"
        value={reasonCode}
        onChange={(event) => setReasonCode(event.currentTarget.value)}
      />
    </DeskDialog>
  );
}

/** Splits an item into parts that sum to it; the last part is what is left. */
export function SplitDialog({ item, close, done }: DialogProps) {
  const [amounts, setAmounts] = useState([{ key: 1, text: '' }]);
  const { currency } = item.amount;
  const digits = shownDigits(item.amount);
  const minor = (given: string) => minorOf(plainAmount(given), digits);
  const text = (value: bigint) => decimalOf(value, digits);
  const filled = amounts.every((part) => isAmount(part.text));
  const rest = filled ? minor(item.amount.amount) - amounts.reduce((sum, part) => sum + minor(part.text), 0n) : 0n;
  const taxes = item.tax.amount !== text(0n);
  const parts = () => [...amounts.map((part) => plainAmount(part.text)), text(rest)];
  return (
    <DeskDialog
      title={`Split ${item.reference}, ${moneyText(item.amount)}`}
      send="Split"
      said="Split"
      change={() =>
        changeOf(item, 'split', {
          // All of the tax goes with the first part: whoever knows better splits by hand.
          parts: parts().map((amount, at) => ({
            amount: { amount, currency },
            ...(taxes ? { tax: at === 0 ? item.tax.amount : text(0n) } : {}),
          })),
        })
      }
      ready={filled && rest > 0n}
      close={close}
      done={done}
    >
      {amounts.map((part, at) => (
        <div className="row" key={part.key} style={{ alignItems: 'flex-end' }}>
          <TextInput
            className="grow"
            label={`Part ${at + 1}, ${currency}`}
            value={part.text}
            inputMode="decimal"
            onChange={(event) => {
              const next = event.currentTarget.value;
              setAmounts(amounts.map((one) => (one.key === part.key ? { ...one, text: next } : one)));
            }}
            {...(at === 0 ? { 'data-autofocus': true } : {})}
          />
          {amounts.length > 1 && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove part ${at + 1}`}
              onClick={() => setAmounts(amounts.filter((one) => one.key !== part.key))}
            >
              <IconTrash size={15} />
            </ActionIcon>
          )}
        </div>
      ))}
      <div className="row spread">
        <Button
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => setAmounts([...amounts, { key: (amounts.at(-1)?.key ?? 0) + 1, text: '' }])}
        >
          Part
        </Button>
        <span className={rest < 0n ? 'num neg' : 'num'}>
          left for the last part:{' '}
          {rest < 0n
            ? `−${amountText({ amount: text(-rest), currency })}`
            : amountText({ amount: text(rest), currency })}{' '}
          <span className="unit">{currency}</span>
        </span>
      </div>
    </DeskDialog>
  );
}
