import type { BpmnElement } from 'bpmn-moddle';
import { elementOf, elements, text } from './bpmn-xml.ts';
import type { Body, Diagram } from './process-model.ts';

type Shape = Diagram['shapes'][string];

/** Every node and flow of a body and of the sub-processes in it, by id. */
export function idsOf(body: Body): Set<string> {
  const inside = body.nodes.flatMap((node) => (node.kind === 'sub-process' ? [...idsOf(node.body)] : []));
  return new Set([...body.nodes.map(({ id }) => id), ...body.flows.map(({ id }) => id), ...inside]);
}

/** Shapes and edges of a file's diagrams, in their order. */
export function drawnElements(definitions: BpmnElement): BpmnElement[] {
  return elements(definitions.diagrams).flatMap(({ plane }) => elements(elementOf(plane)?.planeElement));
}

/** Where the nodes and flows of a body stand in a file's diagrams (the first that shows them); undefined where in none. */
export function readDiagram(definitions: BpmnElement, body: Body): Diagram | undefined {
  const ids = idsOf(body);
  const shapes = new Map<string, Shape>();
  const edges = new Map<string, { x: number; y: number }[]>();
  for (const drawn of drawnElements(definitions)) {
    const id = text(elementOf(drawn.bpmnElement)?.id);
    if (id === undefined || !ids.has(id) || shapes.has(id) || edges.has(id)) continue;
    const bounds = elementOf(drawn.bounds);
    if (bounds) shapes.set(id, { ...boundsOf(bounds), ...(drawn.isExpanded === true ? { expanded: true } : {}) });
    else
      edges.set(
        id,
        elements(drawn.waypoint).map(({ x, y }) => ({ x: Number(x), y: Number(y) })),
      );
  }
  if (shapes.size === 0) return undefined;
  return { shapes: Object.fromEntries(shapes), edges: Object.fromEntries(edges) };
}

const boundsOf = ({ x, y, width, height }: BpmnElement) => ({
  x: Number(x),
  y: Number(y),
  width: Number(width),
  height: Number(height),
});
