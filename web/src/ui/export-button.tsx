import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { exportRows } from './export-rows.ts';
import type { ExportFormat } from './sheet-file.ts';
import type { ExportCell } from './sheet-rows.ts';
import { sayRefused } from './toast.tsx';

/** Exports what is on the screen, as a spreadsheet or as CSV; `table` is asked when somebody presses it. */
export function ExportButton({
  name,
  table,
  disabled,
}: {
  /** The file's name without its ending. */
  name: string;
  table(): { head: readonly string[]; rows: readonly (readonly ExportCell[])[] };
  disabled?: boolean;
}) {
  const [busy, setBusy] = useState(false);
  const hand = async (format: ExportFormat) => {
    setBusy(true);
    try {
      const { head, rows } = table();
      await exportRows(name, head, rows, format);
    } catch (error) {
      sayRefused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={14} />}
          rightSection={<IconChevronDown size={12} />}
          disabled={disabled ?? false}
          loading={busy}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void hand('xlsx')}>Spreadsheet (XLSX)</Menu.Item>
        <Menu.Item onClick={() => void hand('csv')}>CSV</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
