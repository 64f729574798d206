declare module 'bpmn-moddle' {
  /** An element as the library reads and writes it. */
  export interface BpmnElement {
    readonly $type: string;
    readonly $attrs: Record<string, string>;
    readonly $parent?: BpmnElement;
    readonly $descriptor: { ns: { uri?: string; localName: string }; isGeneric?: boolean };
    /** Absent at elements of namespaces that nobody described. */
    set(name: string, value: unknown): void;
    [property: string]: unknown;
  }
  export interface ReadXml {
    rootElement: BpmnElement;
    elementsById: Record<string, BpmnElement>;
    warnings: { message: string; element?: BpmnElement; property?: string; value?: string }[];
  }
  export class BpmnModdle {
    constructor(packages: Record<string, unknown>);
    fromXML(xml: string): Promise<ReadXml>;
    toXML(element: BpmnElement, options: { format: boolean }): Promise<{ xml: string }>;
    create(type: string, properties?: Record<string, unknown>): BpmnElement;
  }
}
