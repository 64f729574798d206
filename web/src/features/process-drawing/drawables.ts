import { definitionOf } from './drawn-values.ts';
import { type Maker, type Part, textOf } from './moddle-parts.ts';

/** A shape or a connection on the canvas. */
export interface Drawn {
  id: string;
  type: string;
  businessObject: Part;
  parent?: Drawn;
  /** What it is the label of. */
  labelTarget?: Drawn;
  /** Of a connection. */
  source?: Drawn;
  target?: Drawn;
  incoming: Drawn[];
  outgoing: Drawn[];
}

/** What changes a drawing. */
export interface Modeling {
  updateModdleProperties(element: Drawn, part: Part, properties: object): void;
  updateProperties(element: Drawn, properties: object): void;
  removeElements(elements: Drawn[]): void;
  connect(source: Drawn, target: Drawn): void;
}
/** What makes shapes. */
export interface ElementFactory {
  createShape(attributes: object): Drawn;
}

/** The services of the modeler that the screen uses. */
export interface Services {
  canvas: {
    zoom(level?: number | 'fit-viewport', center?: 'auto'): number;
    getSize(): { width: number };
    scroll(by: { dx: number; dy: number }): void;
    resized(): void;
    getRootElement(): Drawn;
    scrollToElement(element: Drawn, padding?: number): void;
    addMarker(id: string, mark: string): void;
    removeMarker(id: string, mark: string): void;
    focus(): void;
  };
  overlays: {
    add(id: string, type: string, overlay: { position: object; html: HTMLElement }): void;
    remove(filter: { type: string }): void;
  };
  elementRegistry: { get(id: string): Drawn | undefined; filter(takes: (element: Drawn) => boolean): Drawn[] };
  selection: { get(): Drawn[]; select(element: Drawn | null): void };
  commandStack: {
    undo(): void;
    redo(): void;
    canUndo(): boolean;
    canRedo(): boolean;
    execute(command: string, context: object): void;
    registerHandler(command: string, handler: unknown): void;
  };
  modeling: Modeling;
  moddle: Maker;
  elementFactory: ElementFactory;
  autoPlace: { append(source: Drawn, shape: Drawn): Drawn };
}

/** What can be drawn: what the engine runs, and nothing else. */
export interface Drawable {
  name: string;
  icon: string;
  group: 'event' | 'gateway' | 'activity';
  attributes: { type: string; eventDefinitionType?: string; isExpanded?: boolean };
}

const timer = 'bpmn:TimerEventDefinition';

/** How much of the board's left edge the palette covers. */
export const palettePx = 120;

/** What the palette and the keyboard offer, in this order. */
export const drawables: Readonly<Record<string, Drawable>> = {
  user: { name: 'User task', icon: 'user-task', group: 'activity', attributes: { type: 'bpmn:UserTask' } },
  rule: {
    ...{ name: 'Business rule task', icon: 'business-rule-task', group: 'activity' },
    attributes: { type: 'bpmn:BusinessRuleTask' },
  },
  service: { name: 'Service task', icon: 'service-task', group: 'activity', attributes: { type: 'bpmn:ServiceTask' } },
  send: { name: 'Send task', icon: 'send-task', group: 'activity', attributes: { type: 'bpmn:SendTask' } },
  call: { name: 'Call activity', icon: 'call-activity', group: 'activity', attributes: { type: 'bpmn:CallActivity' } },
  inside: {
    ...{ name: 'Sub-process', icon: 'subprocess-expanded', group: 'activity' },
    attributes: { type: 'bpmn:SubProcess', isExpanded: true },
  },
  exclusive: {
    ...{ name: 'Exclusive gateway: one way', icon: 'gateway-xor', group: 'gateway' },
    attributes: { type: 'bpmn:ExclusiveGateway' },
  },
  parallel: {
    ...{ name: 'Parallel gateway: every way', icon: 'gateway-parallel', group: 'gateway' },
    attributes: { type: 'bpmn:ParallelGateway' },
  },
  inclusive: {
    ...{ name: 'Inclusive gateway: each way that holds', icon: 'gateway-or', group: 'gateway' },
    attributes: { type: 'bpmn:InclusiveGateway' },
  },
  first: {
    ...{ name: 'Event gateway: what comes first', icon: 'gateway-eventbased', group: 'gateway' },
    attributes: { type: 'bpmn:EventBasedGateway' },
  },
  start: { name: 'Start', icon: 'start-event-none', group: 'event', attributes: { type: 'bpmn:StartEvent' } },
  timer: {
    ...{ name: 'Timer', icon: 'intermediate-event-catch-timer', group: 'event' },
    attributes: { type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: timer },
  },
  message: {
    ...{ name: 'Message to wait for', icon: 'intermediate-event-catch-message', group: 'event' },
    attributes: { type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: 'bpmn:MessageEventDefinition' },
  },
  end: { name: 'End', icon: 'end-event-none', group: 'event', attributes: { type: 'bpmn:EndEvent' } },
};

const kindNames: Readonly<Record<string, string>> = {
  'bpmn:UserTask': 'User task',
  'bpmn:BusinessRuleTask': 'Business rule task',
  'bpmn:ServiceTask': 'Service task',
  'bpmn:SendTask': 'Send task',
  'bpmn:CallActivity': 'Call activity',
  'bpmn:SubProcess': 'Sub-process',
  'bpmn:ExclusiveGateway': 'Exclusive gateway',
  'bpmn:ParallelGateway': 'Parallel gateway',
  'bpmn:InclusiveGateway': 'Inclusive gateway',
  'bpmn:EventBasedGateway': 'Event gateway',
  'bpmn:StartEvent': 'Start',
  'bpmn:EndEvent': 'End',
  'bpmn:IntermediateCatchEvent': 'Event to wait for',
  'bpmn:IntermediateThrowEvent': 'Event that is told',
  'bpmn:BoundaryEvent': 'Event at the edge',
  'bpmn:SequenceFlow': 'Flow',
  'bpmn:Process': 'Process',
};

/** What kind of thing an element is, in words: `Start, timer`. */
export function kindOf(part: Part): string {
  const definition = definitionOf(part)?.$type.replace('bpmn:', '').replace('EventDefinition', '').toLowerCase();
  const kind = kindNames[part.$type] ?? part.$type.replace('bpmn:', '');
  return definition ? `${kind}, ${definition}` : kind;
}

/** What people call an element: its name, else its id; a flow by its ends too. */
export function nameOf({ businessObject, source, target, id }: Drawn): string {
  const name = textOf(businessObject.name);
  if (source && target) return `${name ? `${name}: ` : ''}${nameOf(source)} → ${nameOf(target)}`;
  return name ?? id;
}
