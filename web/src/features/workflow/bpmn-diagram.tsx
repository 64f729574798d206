import 'bpmn-js/dist/assets/diagram-js.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { useEffect, useRef, useState } from 'react';
import { Empty } from '../../ui/screen.tsx';

/** How an element stands out: what is wrong there, on the way that shows it, where the process stands, what stopped, how warm it is. */
export type Mark = 'wrong' | 'way' | 'token' | 'stopped' | `heat-${1 | 2 | 3 | 4}`;

/** What is written at an element's corner. */
export interface Badge {
  node: string;
  text: string;
  title: string;
  mark: Mark;
}

export interface DiagramProps {
  bpmn: string;
  /** An element that the right one of several diagrams in a file shows. */
  has: string | undefined;
  /** Said to those who do not see it. */
  label: string;
  marks: readonly { id: string; mark: Mark }[];
  badges: readonly Badge[];
}

interface Canvas {
  /** Without a level: what it is. */
  zoom(level?: number | 'fit-viewport', center?: 'auto'): number;
  getSize(): { width: number };
  /** Tells it to measure again. */
  resized(): void;
  addMarker(id: string, mark: string): void;
  removeMarker(id: string, mark: string): void;
}
interface Overlays {
  add(id: string, overlay: { position: object; html: HTMLElement }): void;
  clear(): void;
}
type Viewer = NavigatedViewer<{ canvas: Canvas; overlays: Overlays; elementRegistry: { get(id: string): unknown } }>;

const ink = 'var(--text)';
/** bpmn-js asks for these colours; they follow the scheme of the page. */
const colours = { defaultFillColor: 'var(--bg)', defaultStrokeColor: ink, defaultLabelColor: ink };
const largestFit = 1.1;
/** What a fitted diagram leaves free at its edges. */
const margin = 0.94;

/** Shows a file's diagram, of several the one that has an element. */
async function open(viewer: Viewer, bpmn: string, has: string | undefined): Promise<void> {
  await viewer.importXML(bpmn);
  const registry = viewer.get('elementRegistry');
  const others = (viewer.getDefinitions() as { diagrams?: { id: string }[] }).diagrams ?? [];
  for (const { id } of others) {
    if (has === undefined || registry.get(has)) return;
    await viewer.open(id);
  }
}

function fit(viewer: Viewer): void {
  const canvas = viewer.get('canvas');
  if (canvas.getSize().width === 0) return;
  canvas.resized();
  canvas.zoom(Math.min(canvas.zoom('fit-viewport', 'auto') * margin, largestFit), 'auto');
}

function badgeElement({ text, title, mark }: Badge): HTMLElement {
  const element = document.createElement('span');
  element.className = 'bpmn-badge';
  element.dataset.mark = mark;
  element.title = title;
  element.textContent = text;
  return element;
}

/** Marks what the diagram has; what lies in a sub-process that is drawn closed is not there. */
function mark(viewer: Viewer, { marks, badges }: Pick<DiagramProps, 'marks' | 'badges'>): () => void {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const overlays = viewer.get('overlays');
  const there = marks.filter(({ id }) => registry.get(id));
  for (const { id, mark: kind } of there) canvas.addMarker(id, `mark-${kind}`);
  for (const badge of badges) {
    if (registry.get(badge.node))
      overlays.add(badge.node, { position: { top: -11, left: -6 }, html: badgeElement(badge) });
  }
  return () => {
    for (const { id, mark: kind } of there) if (registry.get(id)) canvas.removeMarker(id, `mark-${kind}`);
    overlays.clear();
  };
}

/** A BPMN diagram to look at: it moves by dragging and zooms by its buttons, so that the wheel still scrolls the page. */
export default function BpmnDiagram({ bpmn, has, label, marks, badges }: DiagramProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<Viewer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const container = holder.current;
    if (!container) return;
    const made = new NavigatedViewer({
      ...{ container, bpmnRenderer: colours, zoomScroll: { enabled: false } },
    }) as Viewer;
    let gone = false;
    // A pane that is not shown has no size to fit into: it is fitted once it has one.
    const sized = new ResizeObserver(() => fit(made));
    open(made, bpmn, has).then(
      () => {
        if (gone) return;
        sized.observe(container);
        setFailure(null);
        setViewer(made);
      },
      (error: unknown) => {
        if (!gone) setFailure(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      gone = true;
      sized.disconnect();
      setViewer(null);
      made.destroy();
    };
  }, [bpmn, has]);
  useEffect(() => (viewer ? mark(viewer, { marks, badges }) : undefined), [viewer, marks, badges]);
  const zoomBy = (factor: number) => {
    const canvas = viewer?.get('canvas');
    if (canvas) canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, 0.2), 4), 'auto');
  };
  if (failure) return <Empty title="This diagram cannot be drawn">{failure}</Empty>;
  return (
    <div className="bpmn">
      <div className="bpmn-zoom">
        <button type="button" className="bpmn-button" aria-label="Zoom out" onClick={() => zoomBy(1 / 1.25)}>
          −
        </button>
        <button type="button" className="bpmn-button" aria-label="Zoom in" onClick={() => zoomBy(1.25)}>
          +
        </button>
        <button type="button" className="bpmn-button" onClick={() => viewer && fit(viewer)}>
          Fit
        </button>
      </div>
      <section className="bpmn-canvas" ref={holder} aria-label={label} aria-busy={viewer === null} />
    </div>
  );
}
