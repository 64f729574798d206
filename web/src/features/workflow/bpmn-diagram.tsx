import 'bpmn-js/dist/assets/diagram-js.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { useEffect, useRef, useState } from 'react';
import { Empty } from '../../ui/screen.tsx';
import { colours, type DiagramServices, fit, type Marked, markDiagram, zoomBy } from './diagram-canvas.ts';

export interface DiagramProps extends Marked {
  bpmn: string;
  /** An element that the right one of several diagrams in a file shows. */
  has: string | undefined;
  /** Said to those who do not see it. */
  label: string;
}

type Viewer = NavigatedViewer<DiagramServices>;

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
    const sized = new ResizeObserver(() => fit(made.get('canvas')));
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
  useEffect(() => (viewer ? markDiagram(viewer, { marks, badges }) : undefined), [viewer, marks, badges]);
  const canvas = viewer?.get('canvas');
  if (failure) return <Empty title="This diagram cannot be drawn">{failure}</Empty>;
  return (
    <div className="bpmn">
      <div className="bpmn-zoom">
        <button
          type="button"
          className="bpmn-button"
          aria-label="Zoom out"
          onClick={() => canvas && zoomBy(canvas, 1 / 1.25)}
        >
          −
        </button>
        <button
          type="button"
          className="bpmn-button"
          aria-label="Zoom in"
          onClick={() => canvas && zoomBy(canvas, 1.25)}
        >
          +
        </button>
        <button type="button" className="bpmn-button" onClick={() => canvas && fit(canvas)}>
          Fit
        </button>
      </div>
      <section className="bpmn-canvas" ref={holder} aria-label={label} aria-busy={viewer === null} />
    </div>
  );
}
