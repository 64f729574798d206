import type { Body, Diagram, ProcessNode } from './process-model.ts';

type Box = { x: number; y: number; width: number; height: number };
type Point = { x: number; y: number };

/** Between columns, wide enough for the vertical parts of edges; between rows, for boundary events and what hangs on them. */
const columnGap = 60;
const rowGap = 50;
const padding = 40;
const eventSize = 36;

/** What a body takes when it is drawn: positions from (0, 0), and how much room. */
interface Drawing {
  shapes: Map<string, Box & { expanded?: boolean }>;
  edges: Map<string, Point[]>;
  width: number;
  height: number;
}

/** Places a body's nodes from left to right in columns, without overlaps, flows at right angles, sub-processes open. */
export function layOut(body: Body): Diagram {
  const drawing = draw(body, { x: padding, y: padding });
  return { shapes: Object.fromEntries(drawing.shapes), edges: Object.fromEntries(drawing.edges) };
}

/** A node in the grid, or a place that a flow passes on its way over several columns. */
interface Cell {
  id: string;
  column: number;
  row: number;
  width: number;
  height: number;
}

function draw(body: Body, origin: Point): Drawing {
  const inner = new Map<string, Drawing>();
  for (const node of body.nodes) {
    if (node.kind === 'sub-process') inner.set(node.id, draw(node.body, { x: 0, y: 0 }));
  }
  const placed = place(body, inner);
  const boxes = boxesOf(placed, origin);
  const shapes: Drawing['shapes'] = new Map();
  const edges: Drawing['edges'] = new Map();
  for (const node of body.nodes) {
    if (node.kind === 'boundary') continue;
    const { left: _, ...box } = boxes.get(node.id)!;
    shapes.set(node.id, inner.has(node.id) ? { ...box, expanded: true } : box);
    addInside(inner.get(node.id), box, shapes, edges);
  }
  attach(body, shapes);
  const bottom = Math.max(origin.y, ...[...boxes.values()].map(({ y, height }) => y + height));
  const backward = { y: bottom + rowGap };
  for (const flow of body.flows) {
    const [from, to] = [shapes.get(flow.from), boxes.get(flow.to)];
    if (!from || !to) continue;
    const row = placed.cells.find(({ id }) => id === flow.from)?.row ?? -1 - onEdgeAt(body, flow.from);
    const over = (placed.passed.get(flow.id) ?? []).map((id) => boxes.get(id)!);
    edges.set(flow.id, route(from, to, over, row, backward));
  }
  const right = Math.max(origin.x, ...[...boxes.values()].map(({ x, width }) => x + width));
  return { shapes, edges, width: right - origin.x, height: backward.y - origin.y };
}

function addInside(drawing: Drawing | undefined, box: Box, shapes: Drawing['shapes'], edges: Drawing['edges']): void {
  const moved = <P extends Point>(point: P): P => ({
    ...point,
    x: point.x + box.x + padding,
    y: point.y + box.y + padding,
  });
  for (const [id, shape] of drawing?.shapes ?? []) shapes.set(id, moved(shape));
  for (const [id, points] of drawing?.edges ?? []) edges.set(id, points.map(moved));
}

const boundariesOf = (body: Body, host: string) =>
  body.nodes.filter((node) => node.kind === 'boundary' && node.attachedTo === host);

/** How many boundary events stand on the same edge before this one. */
function onEdgeAt(body: Body, id: string): number {
  const node = body.nodes.find((one) => one.id === id);
  return node?.kind === 'boundary' ? boundariesOf(body, node.attachedTo).indexOf(node) : 0;
}

function sizeOf(node: ProcessNode, body: Body, inner: ReadonlyMap<string, Drawing>): { width: number; height: number } {
  switch (node.kind) {
    case 'start':
    case 'end':
    case 'catch':
    case 'throw':
      return { width: eventSize, height: eventSize };
    case 'exclusive':
    case 'inclusive':
    case 'parallel':
    case 'event':
      return { width: 50, height: 50 };
    default: {
      const { width, height } = inner.get(node.id) ?? { width: 20, height: 0 };
      const onEdge = 20 + boundariesOf(body, node.id).length * (eventSize + 10);
      return { width: Math.max(width + 2 * padding, onEdge), height: height + 2 * padding };
    }
  }
}

/** Boundary events stand on the lower edge of what they are attached to. */
function attach(body: Body, shapes: Drawing['shapes']): void {
  const count = new Map<string, number>();
  for (const node of body.nodes) {
    if (node.kind !== 'boundary') continue;
    const host = shapes.get(node.attachedTo);
    if (!host) continue;
    const before = count.get(node.attachedTo) ?? 0;
    count.set(node.attachedTo, before + 1);
    const x = host.x + 10 + before * (eventSize + 10);
    shapes.set(node.id, { x, y: host.y + host.height - eventSize / 2, width: eventSize, height: eventSize });
  }
}

interface Placed {
  cells: Cell[];
  /** Flow → the cells that it passes. */
  passed: Map<string, string[]>;
}

function place(body: Body, inner: ReadonlyMap<string, Drawing>): Placed {
  const hosts = new Map(body.nodes.flatMap((node) => (node.kind === 'boundary' ? [[node.id, node.attachedTo]] : [])));
  const links = body.flows.map(({ id, from, to }) => ({ id, from: hosts.get(from) ?? from, to }));
  const nodes = body.nodes.filter(({ kind }) => kind !== 'boundary');
  const columns = columnsOf(
    nodes.map(({ id }) => id),
    links,
  );
  const taken = new Set<string>();
  const rowAt = (column: number, wanted: number): number => {
    let row = wanted;
    while (taken.has(`${column} ${row}`)) row += 1;
    taken.add(`${column} ${row}`);
    return row;
  };
  const rows = new Map<string, number>();
  const cells: Cell[] = [];
  const passed = new Map<string, string[]>();
  const inOrder = [...nodes].sort((a, b) => columns.get(a.id)! - columns.get(b.id)!);
  for (const node of inOrder) {
    const column = columns.get(node.id)!;
    const entering = links.filter(({ to, from }) => to === node.id && columns.get(from)! < column);
    const row = rowAt(
      column,
      Math.min(...entering.map(({ from }) => rows.get(from)!), ...(entering.length ? [] : [0])),
    );
    rows.set(node.id, row);
    cells.push({ id: node.id, column, row, ...sizeOf(node, body, inner) });
    for (const link of links.filter(({ from }) => from === node.id)) {
      for (let at = column + 1; at < columns.get(link.to)!; at += 1) {
        const id = `${link.id} ${at}`;
        cells.push({ id, column: at, row: rowAt(at, row), width: 0, height: 0 });
        passed.set(link.id, [...(passed.get(link.id) ?? []), id]);
      }
    }
  }
  return { cells, passed };
}

/** The column of each node: behind all from which a flow leads to it, but for flows that go back. */
function columnsOf(ids: readonly string[], links: readonly { from: string; to: string }[]): Map<string, number> {
  const leaving = Map.groupBy(links, ({ from }) => from);
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<object>();
  const entered = new Set(links.map(({ to }) => to));
  for (const root of [...ids.filter((id) => !entered.has(id)), ...ids]) {
    if (state.has(root)) continue;
    state.set(root, 'open');
    const stack = [{ id: root, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const link = leaving.get(top.id)?.[top.next++];
      if (!link) {
        state.set(top.id, 'done');
        order.unshift(top.id);
        stack.pop();
      } else if (state.get(link.to) === 'open') back.add(link);
      else if (!state.has(link.to)) {
        state.set(link.to, 'open');
        stack.push({ id: link.to, next: 0 });
      }
    }
  }
  const columns = new Map(ids.map((id) => [id, 0]));
  for (const id of order) {
    for (const link of leaving.get(id) ?? []) {
      if (!back.has(link)) columns.set(link.to, Math.max(columns.get(link.to) ?? 0, (columns.get(id) ?? 0) + 1));
    }
  }
  return columns;
}

/** A box, and where its column begins: flows turn in the gap before it. */
type Placing = Box & { left: number };

function boxesOf({ cells }: Placed, origin: Point): Map<string, Placing> {
  const widths: number[] = [];
  const heights: number[] = [];
  for (const { column, row, width, height } of cells) {
    widths[column] = Math.max(widths[column] ?? 0, width);
    heights[row] = Math.max(heights[row] ?? 0, height);
  }
  const starts = (sizes: readonly (number | undefined)[], gap: number, from: number) => {
    let at = from;
    return Array.from(sizes, (size = 0) => {
      at += size + gap;
      return at - size - gap;
    });
  };
  const lefts = starts(widths, columnGap, origin.x);
  const tops = starts(heights, rowGap, origin.y);
  return new Map(
    cells.map(({ id, column, row, width, height }) => {
      const left = lefts[column]!;
      const y = tops[row]! + ((heights[row] ?? 0) - height) / 2;
      // What a flow only passes is as wide as its column: it goes straight through.
      if (width === 0) return [id, { x: left, y, width: widths[column] ?? 0, height, left }];
      return [id, { x: left + ((widths[column] ?? 0) - width) / 2, y, width, height, left }];
    }),
  );
}

const middle = ({ y, height }: Box) => y + height / 2;

/** Lines that turn in one gap turn side by side where they come from different rows. */
const laneOf = (row: number) => columnGap / 2 + ((row % 5) - 2) * 7;

/**
 * A flow's points: along its row, up or down in the gap before each column; one that goes back runs below everything. `row`: that
 * of the node that it comes from; -1, -2 … for a boundary event, which it leaves downwards.
 */
function route(from: Box, to: Placing, over: readonly Placing[], row: number, backward: { y: number }): Point[] {
  const lane = laneOf(Math.abs(row));
  const down = from.x + from.width / 2;
  const bottom = from.y + from.height;
  const points: Point[] =
    row < 0
      ? [
          { x: down, y: bottom },
          { x: down, y: bottom - 8 * row },
        ]
      : [{ x: from.x + from.width, y: middle(from) }];
  if (to.left <= from.x) {
    const below = backward.y;
    backward.y += 15;
    const out = row < 0 ? down : from.x + from.width + 8;
    points.push({ x: out, y: points.at(-1)!.y }, { x: out, y: below }, { x: to.left - 8, y: below });
    points.push({ x: to.left - 8, y: middle(to) });
  } else {
    for (const box of [...over, to]) {
      const x = box.left - lane;
      points.push({ x, y: points.at(-1)!.y }, { x, y: middle(box) }, { x: box.x + box.width, y: middle(box) });
    }
    points.pop();
  }
  points.push({ x: to.x, y: middle(to) });
  const apart = points.filter(({ x, y }, index) => x !== points[index - 1]?.x || y !== points[index - 1]?.y);
  return apart.filter((point, index) => isBend(apart[index - 1], point, apart[index + 1]));
}

/** Whether a point is an end of a line or turns it. */
function isBend(before: Point | undefined, point: Point, after: Point | undefined): boolean {
  if (!before || !after) return true;
  const same = (axis: 'x' | 'y') => before[axis] === point[axis] && point[axis] === after[axis];
  return !same('x') && !same('y');
}
