import { ActionIcon, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { fundsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { DraftShare } from './draft.ts';
import { Adder, digits, numeric, type TacticFieldsProps } from './field-parts.tsx';
import { FundPicker } from './pickers.tsx';

/** Which funds pay which share. */
export function SplitFields({ tactic, currency, disabled, change, refusal }: TacticFieldsProps) {
  const may = useMay();
  const funds = useQuery({ ...fundsQuery, enabled: may('funds:read') }).data ?? [];
  const isForeign = ({ fundId, fxType }: DraftShare) =>
    fxType !== undefined || funds.some((fund) => fund.id === fundId && fund.currency !== currency);
  const split: DraftShare[] = tactic.split.length > 0 ? tactic.split : [{ fundId: '', percent: '100' }];
  const set = (at: number, part: DraftShare) =>
    change({ ...tactic, split: split.map((each, index) => (index === at ? part : each)) });
  const said = refusal('fundSplit');
  return (
    <div className="wide stack" style={{ gap: 4 }}>
      <span className="t-sm" style={{ fontWeight: 500 }}>
        Funded by
      </span>
      {split.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part has no identity but its place
        <div className="split-row" key={at}>
          <FundPicker
            value={part.fundId}
            disabled={disabled}
            onChange={(fundId) => set(at, { fundId, percent: part.percent })}
          />
          <TextInput
            {...numeric}
            aria-label="Share in percent"
            rightSection={<span className="unit">%</span>}
            rightSectionWidth={24}
            value={part.percent}
            disabled={disabled}
            onChange={(event) => set(at, { ...part, percent: digits(event.currentTarget.value) })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Remove this fund"
            disabled={disabled || split.length === 1}
            onClick={() => change({ ...tactic, split: split.filter((_, index) => index !== at) })}
          >
            <IconX size={14} />
          </ActionIcon>
          {isForeign(part) && (
            <TextInput
              aria-label="Type of exchange rate for this fund"
              placeholder="Type of exchange rate, as plan"
              maxLength={100}
              value={part.fxType ?? ''}
              disabled={disabled}
              onChange={(event) => set(at, { ...part, fxType: event.currentTarget.value })}
            />
          )}
        </div>
      ))}
      {said && <span className="neg t-sm">{said}</span>}
      {!disabled && (
        <Adder onClick={() => change({ ...tactic, split: [...split, { fundId: '', percent: '0' }] })}>
          Split over another fund
        </Adder>
      )}
    </div>
  );
}
