import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { DraftTactic } from './draft.ts';

/** What the fields of one tactic need. */
export interface TacticFieldsProps {
  tactic: DraftTactic;
  /** The promotion's. */
  currency: string;
  disabled: boolean;
  change(tactic: DraftTactic): void;
  /** What the API said of a field of this tactic. */
  refusal(field: string): string | undefined;
}

/** How an input of numbers looks. */
export const numeric = {
  inputMode: 'decimal',
  styles: { input: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } },
} as const;

/** The digits of what was typed: a comma counts as the decimal point. */
export const digits = (text: string) => text.replace(',', '.').replace(/[^\d.]/g, '');

/** Adds one more row to a list of inputs. */
export function Adder({ onClick, children }: { onClick(): void; children: ReactNode }) {
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      style={{ alignSelf: 'flex-start' }}
      leftSection={<IconPlus size={13} />}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
