import type { Body, BoundaryNode, Flow, ProcessModel, ProcessNode } from '../definitions/process-model.ts';

/** A node with what a step asks of its surroundings. */
export interface PlacedNode {
  node: ProcessNode;
  incoming: readonly Flow[];
  outgoing: readonly Flow[];
  /** Events on its edge. */
  boundaries: readonly BoundaryNode[];
}

/** A model made ready to run: places by id, and which flows can still be reached from which. */
export interface IndexedModel {
  model: ProcessModel;
  place(id: string): PlacedNode;
  /** Flows of the same body that a token on `flow` can come by later without passing `avoiding`; `flow` itself included. */
  reachable(flow: string, avoiding: string): ReadonlySet<string>;
}

function addBody(body: Body, places: Map<string, PlacedNode>): void {
  for (const node of body.nodes) {
    places.set(node.id, {
      node,
      incoming: body.flows.filter(({ to }) => to === node.id),
      outgoing: body.flows.filter(({ from }) => from === node.id),
      boundaries: body.nodes.filter((one) => one.kind === 'boundary' && one.attachedTo === node.id) as BoundaryNode[],
    });
    if (node.kind === 'sub-process') addBody(node.body, places);
  }
}

/** Indexes a checked model; throws on an id that the model does not have when that is asked for. */
export function indexModel(model: ProcessModel): IndexedModel {
  const places = new Map<string, PlacedNode>();
  addBody(model.body, places);
  const place = (id: string): PlacedNode => {
    const found = places.get(id);
    if (!found) throw new Error(`the process ${model.code} has no element ${id}`);
    return found;
  };
  const flows = new Map(
    [...places.values()].flatMap(({ outgoing }) => outgoing.map((flow) => [flow.id, flow] as const)),
  );
  const known = new Map<string, ReadonlySet<string>>();
  const reachable = (flow: string, avoiding: string): ReadonlySet<string> => {
    const key = `${flow} ${avoiding}`;
    const before = known.get(key);
    if (before) return before;
    const found = new Set<string>();
    const open = [flow];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const one = flows.get(id);
      if (!one || found.has(id)) continue;
      found.add(id);
      if (one.to === avoiding) continue;
      const { outgoing, boundaries } = place(one.to);
      open.push(...outgoing.map((next) => next.id));
      for (const boundary of boundaries) open.push(...place(boundary.id).outgoing.map((next) => next.id));
    }
    known.set(key, found);
    return found;
  };
  return { model, place, reachable };
}
