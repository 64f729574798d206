/** How an element stands out: what is wrong there, on the way that shows it, where the process stands, what stopped, how warm it is. */
export type Mark = 'wrong' | 'way' | 'token' | 'stopped' | `heat-${1 | 2 | 3 | 4}`;

/** What is written at an element's corner. */
export interface Badge {
  node: string;
  text: string;
  title: string;
  mark: Mark;
}

/** What stands out on a diagram. */
export interface Marked {
  marks: readonly { id: string; mark: Mark }[];
  badges: readonly Badge[];
}

interface Canvas {
  /** Without a level: what it is. */
  zoom(level?: number | 'fit-viewport', center?: 'auto'): number;
  getSize(): { width: number };
  scroll(by: { dx: number; dy: number }): void;
  /** Tells it to measure again. */
  resized(): void;
  addMarker(id: string, mark: string): void;
  removeMarker(id: string, mark: string): void;
}
interface Overlays {
  add(id: string, type: string, overlay: { position: object; html: HTMLElement }): void;
  remove(filter: { type: string }): void;
}

/** What every viewer of the library offers, as far as screens use it. */
export interface DiagramServices {
  canvas: Canvas;
  overlays: Overlays;
  elementRegistry: { get(id: string): unknown };
}

const ink = 'var(--text)';
/** bpmn-js asks for these colours; they follow the scheme of the page. */
export const colours = { defaultFillColor: 'var(--bg)', defaultStrokeColor: ink, defaultLabelColor: ink };
const largestFit = 1.1;
/** What a fitted diagram leaves free at its edges. */
const margin = 0.94;

/** Shows the whole diagram; what covers the left edge, so many pixels wide, covers nothing of it. */
export function fit(canvas: Canvas, coveredPx = 0): void {
  const { width } = canvas.getSize();
  if (width === 0) return;
  canvas.resized();
  const free = Math.max(1 - coveredPx / width, 0.2);
  canvas.zoom(Math.min(canvas.zoom('fit-viewport', 'auto') * margin * free, largestFit), 'auto');
  if (coveredPx > 0) canvas.scroll({ dx: coveredPx / 2, dy: 0 });
}

/** Zooms about the middle, within what can be read. */
export function zoomBy(canvas: Canvas, factor: number): void {
  canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, 0.2), 4), 'auto');
}

function badgeElement({ text, title, mark }: Badge): HTMLElement {
  const element = document.createElement('span');
  element.className = 'bpmn-badge';
  element.dataset.mark = mark;
  element.title = title;
  element.textContent = text;
  return element;
}

const overlayType = 'badge';

/** Marks what the diagram has; what lies in a sub-process that is drawn closed is not there. Answers what takes the marks away. */
export function markDiagram(
  viewer: { get<Name extends keyof DiagramServices>(name: Name): DiagramServices[Name] },
  { marks, badges }: Marked,
): () => void {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const overlays = viewer.get('overlays');
  const there = marks.filter(({ id }) => registry.get(id));
  for (const { id, mark: kind } of there) canvas.addMarker(id, `mark-${kind}`);
  for (const badge of badges) {
    if (registry.get(badge.node))
      overlays.add(badge.node, overlayType, { position: { top: -11, left: -6 }, html: badgeElement(badge) });
  }
  return () => {
    for (const { id, mark: kind } of there) if (registry.get(id)) canvas.removeMarker(id, `mark-${kind}`);
    overlays.remove({ type: overlayType });
  };
}
