declare module 'dmn-moddle' {
  /** An element as the library reads and writes it. */
  export interface ModdleElement {
    readonly $type: string;
    readonly $attrs: Record<string, string>;
    [property: string]: unknown;
  }
  export class DmnModdle {
    constructor(packages: Record<string, unknown>);
    fromXML(xml: string): Promise<{ rootElement: ModdleElement; warnings: { message: string }[] }>;
    toXML(element: ModdleElement, options: { format: boolean }): Promise<{ xml: string }>;
    create(type: string, properties: Record<string, unknown>): ModdleElement;
  }
}
