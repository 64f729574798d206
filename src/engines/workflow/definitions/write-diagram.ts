import type { BpmnElement } from 'bpmn-moddle';
import { elementOf, elements, moddle, text } from './bpmn-xml.ts';
import { layOut } from './lay-out.ts';
import type { Diagram, ProcessModel } from './process-model.ts';
import { drawnElements, idsOf } from './read-diagram.ts';

/**
 * Draws a model into a file: what its diagram says where it differs from the file's; what has no place yet gets one below;
 * what is gone is taken out.
 */
export function writeDiagram(definitions: BpmnElement, model: ProcessModel, before: ProcessModel | undefined): void {
  const ids = idsOf(model.body);
  const known = before ? idsOf(before.body) : new Set<string>();
  const unplaced = [...ids].filter((id) => !known.has(id));
  const diagram = complete(model, unplaced, bottomOf(definitions));
  const drawn = new Map<string, BpmnElement>();
  for (const element of drawnElements(definitions)) {
    const id = text(elementOf(element.bpmnElement)?.id);
    if (id !== undefined && !drawn.has(id)) drawn.set(id, element);
  }
  removeGone(definitions, known, ids);
  const plane = planeOf(definitions, model);
  const byId = elementsOf(definitions);
  for (const [id, { expanded, ...box }] of Object.entries(diagram.shapes)) {
    if (!ids.has(id) || same(before?.diagram?.shapes[id], diagram.shapes[id])) continue;
    const bounds = moddle.create('dc:Bounds', box);
    const shape = drawn.get(id) ?? add(plane, 'bpmndi:BPMNShape', byId.get(id));
    shape.set('bounds', bounds);
    if (expanded) shape.set('isExpanded', true);
  }
  for (const [id, points] of Object.entries(diagram.edges)) {
    if (!ids.has(id) || same(before?.diagram?.edges[id], points)) continue;
    const edge = drawn.get(id) ?? add(plane, 'bpmndi:BPMNEdge', byId.get(id));
    edge.set(
      'waypoint',
      points.map((point) => moddle.create('dc:Point', point)),
    );
  }
}

const nothing: Diagram = { shapes: {}, edges: {} };

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The lowest point of what is drawn. */
function bottomOf(definitions: BpmnElement): number {
  const bounds = drawnElements(definitions).flatMap((element) => elements(element.bounds));
  return Math.max(0, ...bounds.map(({ y, height }) => Number(y) + Number(height)));
}

/** The model's own diagram, with a place for what is new and has none: below all that is drawn, as the layout would have it. */
function complete({ body, diagram = nothing }: ProcessModel, added: readonly string[], bottom: number): Diagram {
  const missing = added.filter((id) => !(id in diagram.shapes) && !(id in diagram.edges));
  if (missing.length === 0) return diagram;
  const made = layOut(body);
  const below = Math.max(bottom, ...Object.values(diagram.shapes).map(({ y, height }) => y + height));
  const lower = <P extends { y: number }>(point: P): P => ({ ...point, y: point.y + below });
  const pick = <V>(values: Readonly<Record<string, V>>) =>
    missing.flatMap((id) => (values[id] === undefined ? [] : [[id, values[id]] as const]));
  const shapes = pick(made.shapes).map(([id, shape]) => [id, lower(shape)] as const);
  const edges = pick(made.edges).map(([id, points]) => [id, points.map(lower)] as const);
  return {
    shapes: { ...diagram.shapes, ...Object.fromEntries(shapes) },
    edges: { ...diagram.edges, ...Object.fromEntries(edges) },
  };
}

function removeGone(definitions: BpmnElement, before: ReadonlySet<string>, now: ReadonlySet<string>): void {
  for (const { plane } of elements(definitions.diagrams)) {
    const inside = elementOf(plane);
    const all = elements(inside?.planeElement);
    const stays = all.filter(({ bpmnElement }) => {
      const id = text(elementOf(bpmnElement)?.id) ?? '';
      return !before.has(id) || now.has(id);
    });
    if (stays.length < all.length) inside?.set('planeElement', stays);
  }
}

/** The plane that shows the process already, else the first, else a new one. */
function planeOf(definitions: BpmnElement, model: ProcessModel): BpmnElement {
  const planes = elements(definitions.diagrams).flatMap(({ plane }) => elements(plane));
  const ids = idsOf(model.body);
  const shows = planes.find((plane) =>
    elements(plane.planeElement).some(({ bpmnElement }) => ids.has(text(elementOf(bpmnElement)?.id) ?? '')),
  );
  if (shows) return shows;
  if (planes[0]) return planes[0];
  const process = elements(definitions.rootElements).find(({ $type }) => $type === 'bpmn:Process');
  const plane = moddle.create('bpmndi:BPMNPlane', { id: 'plane', bpmnElement: process, planeElement: [] });
  const diagram = moddle.create('bpmndi:BPMNDiagram', { id: 'diagram', plane });
  (plane as { $parent?: BpmnElement }).$parent = diagram;
  (diagram as { $parent?: BpmnElement }).$parent = definitions;
  definitions.set('diagrams', [diagram]);
  return plane;
}

function add(plane: BpmnElement, type: string, bpmnElement: BpmnElement | undefined): BpmnElement {
  const made = moddle.create(type, { id: `${String(bpmnElement?.id)}_di`, bpmnElement });
  (made as { $parent?: BpmnElement }).$parent = plane;
  plane.set('planeElement', [...elements(plane.planeElement), made]);
  return made;
}

/** Nodes and flows of all processes of a file, by id. */
function elementsOf(definitions: BpmnElement): Map<string, BpmnElement> {
  const found = new Map<string, BpmnElement>();
  const visit = (container: BpmnElement): void => {
    for (const element of elements(container.flowElements)) {
      found.set(String(element.id), element);
      visit(element);
    }
  };
  for (const root of elements(definitions.rootElements)) visit(root);
  return found;
}
