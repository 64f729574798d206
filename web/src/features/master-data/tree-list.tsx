import { ActionIcon } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import type { TreeNode, TreeRow } from './tree.ts';

const rowHeightPx = 32;

/** A tree as a list: arrows open and close, a row is picked by pressing it. */
export function TreeList<Node extends TreeNode>({
  rows,
  picked,
  pick,
  toggle,
  aside,
  label,
}: {
  rows: readonly TreeRow<Node>[];
  picked: string | undefined;
  pick(id: string): void;
  toggle(id: string): void;
  aside(node: Node): ReactNode;
  label: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => host.current,
    estimateSize: () => rowHeightPx,
    overscan: 12,
  });
  const at = rows.findIndex(({ node }) => node.id === picked);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);
  return (
    <div ref={host} className="tree" role="tree" aria-label={label}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const { node, depth, children, opened } = row;
          return (
            <div
              key={node.id}
              role="treeitem"
              aria-level={depth + 1}
              aria-selected={node.id === picked}
              {...(children > 0 ? { 'aria-expanded': opened } : {})}
              tabIndex={-1}
              className="tree-row"
              style={{ top: start, height: rowHeightPx, paddingLeft: 8 + depth * 18 }}
            >
              {children > 0 ? (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={opened ? `Close ${node.name}` : `Open ${node.name}`}
                  onClick={() => toggle(node.id)}
                >
                  {opened ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
                </ActionIcon>
              ) : (
                <span style={{ width: 22 }} />
              )}
              <button type="button" className="plain grow cut" onClick={() => pick(node.id)}>
                {node.name} <span className="t-faint num">{node.code}</span>
              </button>
              <span className="t-dim t-sm">{aside(node)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
