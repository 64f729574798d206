/** A node of the customer or the product tree. */
export interface TreeNode {
  id: string;
  code: string;
  name: string;
  parentId: string | null;
}

/** A row of a tree laid out as a list. */
export interface TreeRow<Node> {
  node: Node;
  depth: number;
  children: number;
  opened: boolean;
}

/** Nodes whose code or name holds `text`, and everything above them; null where nothing is searched for. */
function wanted<Node extends TreeNode>(nodes: ReadonlyMap<string, Node>, text: string): Set<string> | null {
  const low = text.trim().toLowerCase();
  if (!low) return null;
  const found = new Set<string>();
  for (const node of nodes.values()) {
    if (!`${node.code} ${node.name}`.toLowerCase().includes(low)) continue;
    for (let at: Node | undefined = node; at && !found.has(at.id); at = nodes.get(at.parentId ?? '')) found.add(at.id);
  }
  return found;
}

/**
 * The rows of a tree, parents before children and siblings by name: the children of nodes that are open, or, while
 * something is searched for, what was found with everything above it.
 */
export function treeRows<Node extends TreeNode>(
  all: readonly Node[],
  { open, search }: { open: ReadonlySet<string>; search: string },
): TreeRow<Node>[] {
  const nodes = new Map(all.map((node) => [node.id, node]));
  const below = new Map<string, Node[]>();
  for (const node of all) {
    // A node whose parent is out of sight stands at the top.
    const parent = node.parentId && nodes.has(node.parentId) ? node.parentId : '';
    below.set(parent, [...(below.get(parent) ?? []), node]);
  }
  for (const siblings of below.values()) siblings.sort((a, b) => a.name.localeCompare(b.name));
  const found = wanted(nodes, search);
  const rows: TreeRow<Node>[] = [];
  const walk = (parent: string, depth: number) => {
    for (const node of below.get(parent) ?? []) {
      if (found && !found.has(node.id)) continue;
      const opened = found !== null || open.has(node.id);
      rows.push({ node, depth, children: below.get(node.id)?.length ?? 0, opened });
      if (opened) walk(node.id, depth + 1);
    }
  };
  walk('', 0);
  return rows;
}
