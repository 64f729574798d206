import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import './drawing.css';
import Modeler from 'bpmn-js/lib/Modeler';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { colours, fit } from '../workflow/diagram-canvas.ts';
import { type Drawn, palettePx, type Services } from './drawables.ts';
import { type Change, type Part, partsOf } from './moddle-parts.ts';
import { changeCommand, drawingModule } from './modeler-parts.ts';

type OwnModeler = Modeler<Services>;

/** How long nothing must have changed before the drawing is written out and looked through. */
const restMs = 400;

/** A process on the canvas, and what can be done with it; made anew with each change. */
export interface Drawing {
  services: { get<Name extends keyof Services>(name: Name): Services[Name] };
  definitions: Part;
  /** What is picked; the process where nothing is. */
  picked: Drawn;
  /** The process that is drawn, also where lanes stand around it. */
  process: Part;
  /** What a field of the panel changes, in one step that undo takes back. */
  change(element: Drawn, changes: readonly Change[]): void;
  pick(id: string | null): void;
  /** Every node and flow, in the order they were drawn. */
  elements: Drawn[];
}

/** The process of a picked thing: a pool's own, else the first that holds something. */
function processOf(definitions: Part, picked: Drawn): Part | undefined {
  const of = picked.businessObject;
  if (of.$type === 'bpmn:Process') return of;
  if (of.$type === 'bpmn:Participant') return partsOf(of.processRef)[0];
  const processes = partsOf(definitions.rootElements).filter(({ $type }) => $type === 'bpmn:Process');
  return processes.find(({ flowElements }) => partsOf(flowElements).length > 0) ?? processes[0];
}

function drawingOf(modeler: OwnModeler): Drawing | null {
  const definitions = modeler.getDefinitions() as unknown as Part | undefined;
  const root = modeler.get('canvas').getRootElement();
  // While a file is being read there is no process yet.
  if (!definitions || !root.businessObject) return null;
  const selected = modeler.get('selection').get();
  const [first] = selected;
  const picked = selected.length === 1 && first ? (first.labelTarget ?? first) : root;
  const process = processOf(definitions, picked);
  if (!process) return null;
  const registry = modeler.get('elementRegistry');
  return {
    ...{ services: modeler, definitions, picked, process },
    change: (element, changes) => modeler.get('commandStack').execute(changeCommand, { element, changes }),
    pick: (id) => {
      const element = id === null ? null : (registry.get(id) ?? null);
      modeler.get('selection').select(element === root ? null : element);
      if (element && element !== root) modeler.get('canvas').scrollToElement(element, 80);
    },
    elements: registry.filter(
      (element) => !element.labelTarget && (element.type === 'bpmn:SequenceFlow' || isNode(element)),
    ),
  };
}

const isNode = ({ type }: Drawn) => /(Task|Activity|SubProcess|Gateway|Event)$/.test(type);

/** The drawing of a file on a canvas. `xml` follows a moment behind what is drawn; `latest` writes it out at once. */
export function useDrawing(holder: RefObject<HTMLDivElement | null>, begun: string, extension: object) {
  const modeler = useRef<OwnModeler | null>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [xml, setXml] = useState('');
  const [isResting, setIsResting] = useState(true);
  const latest = useCallback(async () => {
    const written = (await modeler.current?.saveXML({ format: true }))?.xml ?? '';
    setXml(written);
    setIsResting(true);
    return written;
  }, []);
  useEffect(() => {
    const container = holder.current;
    if (!container) return;
    const made: OwnModeler = new Modeler({
      ...{ container, bpmnRenderer: colours, additionalModules: [drawingModule] },
      moddleExtensions: { tradeai: structuredClone(extension) },
    });
    modeler.current = made;
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => setDrawing(drawingOf(made));
    made.on('selection.changed', look);
    made.on('root.set', look);
    made.on('commandStack.changed', () => {
      look();
      setIsResting(false);
      clearTimeout(timer);
      timer = setTimeout(() => void latest(), restMs);
    });
    made.importXML(begun).then(
      async () => {
        if (gone) return;
        fit(made.get('canvas'), palettePx);
        await latest();
        if (!gone) look();
      },
      (error: unknown) => {
        if (!gone) setFailure(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      gone = true;
      clearTimeout(timer);
      modeler.current = null;
      made.destroy();
    };
  }, [holder, begun, extension, latest]);
  return { drawing, failure, xml, isResting, latest };
}
