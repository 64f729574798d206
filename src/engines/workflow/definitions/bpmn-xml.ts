import { type BpmnElement, BpmnModdle, type ReadXml } from 'bpmn-moddle';
import { Problem } from '#problem';
import { extension } from './bpmn-extension.ts';

/** Larger files are no process models. */
export const maxBpmnBytes = 10 * 1_048_576;
/** Elements inside each other; the deepest of the reference models have two dozen. */
const maxDepth = 100;
/** Elements of one file, which bounds what reading takes to half a second; the largest reference model has some 2,500. */
const maxElements = 20_000;
/** Attributes of one element. */
const maxAttributes = 200;

/** Throws `process.refused` with what is wrong. */
export function refuse(detail: string, cause?: unknown): never {
  throw new Problem('process.refused', { detail, cause });
}

/** bpmn-moddle with our namespace. */
export const moddle = new BpmnModdle({ tradeai: extension });

/** Looks for what would make reading costly or unsafe, in one pass and without building anything. */
function checkXml(xml: string): void {
  if (Buffer.byteLength(xml) > maxBpmnBytes) refuse(`The file is larger than ${maxBpmnBytes / 1_048_576} MB.`);
  let depth = 0;
  let elements = 0;
  for (let at = xml.indexOf('<'); at !== -1; at = xml.indexOf('<', at)) {
    const skipped = endOfAside(xml, at);
    if (skipped !== null) {
      at = skipped;
      continue;
    }
    const { end, attributes } = endOfTag(xml, at);
    if (attributes > maxAttributes) refuse(`One element of the file has over ${maxAttributes} attributes.`);
    if (xml[at + 1] === '/') depth -= 1;
    else {
      elements += 1;
      if (xml[end - 1] !== '/') depth += 1;
    }
    if (depth > maxDepth) refuse(`The file has over ${maxDepth} elements inside each other.`);
    if (elements > maxElements) refuse(`The file has over ${maxElements} elements.`);
    at = end;
  }
}

/** Where a comment, a CDATA section or a processing instruction ends that starts here; null for a tag. */
function endOfAside(xml: string, at: number): number | null {
  const asides = [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ] as const;
  for (const [opens, closes] of asides) {
    if (!xml.startsWith(opens, at)) continue;
    const end = xml.indexOf(closes, at + opens.length);
    return end === -1 ? refuse(`The file cannot be read: ${opens} has no end.`) : end + closes.length;
  }
  if (xml[at + 1] === '!') refuse('The file declares a document type or entities.');
  return null;
}

function endOfTag(xml: string, at: number): { end: number; attributes: number } {
  let attributes = 0;
  for (let end = at + 1; end < xml.length; end += 1) {
    const character = xml[end]!;
    if (character === '>') return { end, attributes };
    if (character === '=') attributes += 1;
    if (character !== '"' && character !== "'") continue;
    end = xml.indexOf(character, end + 1);
    if (end === -1) break;
  }
  return refuse('The file cannot be read: an element has no end.');
}

/** References whose loss would change what the process does. */
const behaviour = new Set([
  'bpmn:sourceRef',
  'bpmn:targetRef',
  'bpmn:attachedToRef',
  'bpmn:default',
  'bpmn:messageRef',
  'bpmn:signalRef',
  'bpmn:errorRef',
  'bpmn:escalationRef',
]);

/** A BPMN file as bpmn-moddle sees it, and one line for each thing of it that could not be taken. */
export interface BpmnFile {
  definitions: BpmnElement;
  byId: ReadonlyMap<string, BpmnElement>;
  lost: string[];
}

/**
 * Reads BPMN 2.0 XML. Throws `process.refused` for what is larger than 10 MB, too deep or too much, declares entities, is not
 * well-formed, gives one id to two elements, or refers to an element of the process that is not there.
 */
export async function parseBpmn(xml: string): Promise<BpmnFile> {
  checkXml(xml);
  // The text is decoded already, whatever encoding the file says it had.
  const decoded = xml.replace(/^(\uFEFF?\s*<\?xml[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')/, '$1');
  const read: ReadXml = await moddle.fromXML(decoded).catch((error: Error) => refuse(messageOf(error), error));
  const lost: string[] = [];
  for (const warning of read.warnings) {
    const { message, property, element, value } = warning;
    if (message.startsWith('unparsable content')) refuse(messageOf(warning));
    if (property !== undefined && behaviour.has(property)) {
      refuse(`"${String(element?.id)}" refers to "${value}", which is not in the file.`);
    }
    lost.push(firstLine(message));
  }
  const byId = new Map(Object.entries(read.elementsById));
  if (byId.has('__proto__')) refuse('"__proto__" is no id.');
  return { definitions: read.rootElement, byId, lost };
}

const messageOf = ({ message }: { message: string }) =>
  `The file cannot be read: ${/nested error: (.*)/.exec(message)?.[1] ?? firstLine(message)}.`;

const firstLine = (message: string) => message.split('\n')[0]!.slice(0, 200);

/** The elements of a property that holds one, several or none. */
export function elements(value: unknown): BpmnElement[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one): one is BpmnElement => typeof one === 'object' && one !== null && '$type' in one);
}

/** The only element of a property, or undefined. */
export const elementOf = (value: unknown): BpmnElement | undefined => elements(value)[0];

/** A text property, or undefined where it is absent or empty. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** `{ [name]: value }`, or nothing where the value is absent: optional members of a model are absent rather than undefined. */
export function optional<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]: V });
}

/** What stands in the extension elements of an element. */
export const extensions = (element: BpmnElement): BpmnElement[] =>
  elements(elementOf(element.extensionElements)?.values);
