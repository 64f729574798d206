import type { ModdleElement } from 'dmn-moddle';
import { Problem } from '#problem';
import { feelName } from '../feel/feel-value.ts';
import type {
  Decision,
  DecisionModel,
  DecisionService,
  InputData,
  ItemDefinition,
  KnowledgeModel,
  Named,
  Variable,
} from './dmn-model.ts';
import { moddleOf, versionOf } from './dmn-versions.ts';
import { elements, readExpression, readVariable, text, unaryTests } from './read-boxed.ts';

/** Larger files are no decision models. */
export const maxDmnBytes = 1_048_576;
/** Elements inside each other; the deepest models of the conformance kit have a dozen. */
const maxDepth = 100;

/** Decisions, inputs, knowledge models and services of one model. */
const maxElements = 2_000;

/** A model, and what of the file it does not hold: nothing is dropped in silence. */
export interface ReadModel {
  model: DecisionModel;
  /** One line for each kind of element or attribute that is not understood, with how often it occurs. */
  unsupported: string[];
}

/** `decision.refused`. */
function refuse(detail: string, cause?: unknown): never {
  throw new Problem('decision.refused', { detail, cause });
}

/**
 * Reads DMN 1.2 to 1.5. Throws `decision.refused` for what is too large or too deep, declares entities, is not well-formed, is
 * of another version, or gives one id to two elements.
 */
export async function readDmn(xml: string): Promise<ReadModel> {
  const version = versionOf(checkXml(xml));
  if (!version) return refuse('The file is no DMN 1.2, 1.3, 1.4 or 1.5.');
  const { rootElement, warnings } = await moddleOf(version)
    .fromXML(xml)
    .catch((error: Error) => refuse(`The file cannot be read: ${firstLine(error)}`, error));
  const unsupported = new Map<string, number>();
  const list = (what: string) => unsupported.set(what, (unsupported.get(what) ?? 0) + 1);
  for (const warning of warnings) {
    const unknown = /unparsable content <([^>\s/]+)/.exec(warning.message)?.[1];
    // Shapes of elements that another file holds, or nobody: decisions do not need them.
    if (warning.message.startsWith('unresolved reference')) list('reference of the diagram that leads nowhere');
    else if (!unknown || warning.message.includes('duplicate ID'))
      refuse(`The file cannot be read: ${firstLine(warning)}`, warning);
    else list(`element ${unknown}`);
  }
  listForeign(rootElement, list);
  const model = readModel(rootElement, version);
  checkIds(model);
  return {
    model,
    unsupported: [...unsupported].map(([what, count]) => (count > 1 ? `${what} (${count} times)` : what)),
  };
}

function firstLine({ message }: { message: string }): string {
  return /nested error: (.*)/.exec(message)?.[1] ?? message.split('\n')[0]!;
}

/** Looks through the text once, before anything parses it; answers the first tag. */
function checkXml(xml: string): string {
  if (Buffer.byteLength(xml) > maxDmnBytes) refuse(`The file is larger than ${maxDmnBytes / 1024} KiB.`);
  const tag = /<(?:"[^"]*"|'[^']*'|[^<>"'])*>/y;
  let first = '';
  let depth = 0;
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at)) {
    const end = closings.find(({ opening }) => xml.startsWith(opening, at));
    if (end) {
      const closed = xml.indexOf(end.closing, at + end.opening.length);
      at = closed < 0 ? xml.length : closed + end.closing.length;
      continue;
    }
    if (xml.startsWith('<!', at)) refuse('The file declares a document type or entities.');
    tag.lastIndex = at;
    const [found] = tag.exec(xml) ?? refuse('The file cannot be read: a tag does not end.');
    first ||= found;
    if (found.startsWith('</')) depth -= 1;
    else if (!found.endsWith('/>')) depth += 1;
    if (depth > maxDepth) refuse(`The file has over ${maxDepth} elements inside each other.`);
    at += found.length;
  }
  return first;
}

/** What is no element: comments, data, instructions. */
const closings = [
  { opening: '<!--', closing: '-->' },
  { opening: '<![CDATA[', closing: ']]>' },
  { opening: '<?', closing: '?>' },
];

/** Kinds of elements that say nothing about how to decide; a model is written back with those of the file that it came from. */
const documentary = new Set([
  'dmn:KnowledgeSource',
  'dmn:TextAnnotation',
  'dmn:Association',
  'dmn:Group',
  'dmn:ElementCollection',
  'dmn:OrganizationUnit',
  'dmn:OrganisationalUnit',
  'dmn:PerformanceIndicator',
]);

/** Elements and attributes of other namespaces, and those of DMN that the model does not hold. */
function listForeign(element: ModdleElement, list: (what: string) => void): void {
  for (const name of Object.keys(element.$attrs ?? {})) {
    if (!/^(xmlns|xsi)(:|$)/.test(name)) list(`attribute ${name}`);
  }
  if (documentary.has(element.$type)) list(`element ${element.$type} (kept as documentation)`);
  for (const value of elements(element.extensionElements ? (element.extensionElements as ModdleElement).values : [])) {
    list(`extension ${value.$type}`);
  }
  if (element.extensionElements !== undefined || element.$type.startsWith('dmndi:')) return;
  for (const [property, value] of Object.entries(element)) {
    if (property.startsWith('$')) continue;
    for (const inner of Array.isArray(value) ? value : [value]) {
      if (typeof inner === 'object' && inner !== null && '$type' in inner) listForeign(inner as ModdleElement, list);
    }
  }
}

function readModel(root: ModdleElement, version: DecisionModel['version']): DecisionModel {
  const inside = elements(root.drgElement);
  const of = (type: string) => inside.filter(({ $type }) => $type === `dmn:${type}`);
  return {
    ...(text(root.id) === undefined ? {} : { id: text(root.id)! }),
    name: text(root.name) ?? '',
    namespace: text(root.namespace) ?? '',
    version,
    imports: elements(root.import).map((element) => ({
      name: feelName(text(element.name) ?? ''),
      namespace: text(element.namespace) ?? '',
      importType: text(element.importType) ?? '',
      ...(text(element.locationURI) === undefined ? {} : { locationUri: text(element.locationURI)! }),
    })),
    types: elements(root.itemDefinition).map(readType),
    inputs: of('InputData').map((element): InputData => ({ ...named(element), variable: variableOf(element) })),
    decisions: of('Decision').map(readDecision),
    knowledge: of('BusinessKnowledgeModel').map((element): KnowledgeModel => {
      const logic = element.encapsulatedLogic as ModdleElement | undefined;
      return {
        ...named(element),
        variable: variableOf(element),
        requiredKnowledge: references(element.knowledgeRequirement, 'requiredKnowledge'),
        logic: logic ? readExpression(logic) : null,
      };
    }),
    services: of('DecisionService').map((element): DecisionService => {
      const list = (property: string) => elements(element[property]).map(({ href }) => text(href) ?? '');
      return {
        ...named(element),
        variable: variableOf(element),
        outputDecisions: list('outputDecision'),
        encapsulatedDecisions: list('encapsulatedDecision'),
        inputDecisions: list('inputDecision'),
        inputData: list('inputData'),
      };
    }),
  };
}

function named(element: ModdleElement): Named {
  const name = feelName(text(element.name) ?? '');
  const description = text(element.description);
  return { id: text(element.id) ?? name, name, ...(description === undefined ? {} : { description }) };
}

function variableOf(element: ModdleElement): Variable {
  const variable = element.variable as ModdleElement | undefined;
  return variable ? readVariable(variable) : { name: feelName(text(element.name) ?? '') };
}

function references(requirements: unknown, property: string): string[] {
  return elements(requirements).flatMap((requirement) => {
    const reference = requirement[property] as ModdleElement | undefined;
    return reference ? [text(reference.href) ?? ''] : [];
  });
}

function readDecision(element: ModdleElement): Decision {
  const logic = element.decisionLogic as ModdleElement | undefined;
  const question = text(element.question);
  const allowedAnswers = text(element.allowedAnswers);
  return {
    ...named(element),
    variable: variableOf(element),
    ...(question === undefined ? {} : { question }),
    ...(allowedAnswers === undefined ? {} : { allowedAnswers }),
    requiredDecisions: references(element.informationRequirement, 'requiredDecision'),
    requiredInputs: references(element.informationRequirement, 'requiredInput'),
    requiredKnowledge: references(element.knowledgeRequirement, 'requiredKnowledge'),
    logic: logic ? readExpression(logic) : null,
  };
}

function readType(element: ModdleElement): ItemDefinition {
  const type = text(element.typeRef);
  const allowedValues = unaryTests(element.allowedValues);
  const typeConstraint = unaryTests(element.typeConstraint);
  const item = element.functionItem as ModdleElement | undefined;
  const result = item && text(item.outputTypeRef);
  return {
    name: feelName(text(element.name) ?? ''),
    ...(type === undefined ? {} : { type }),
    ...(allowedValues === undefined ? {} : { allowedValues }),
    ...(typeConstraint === undefined ? {} : { typeConstraint }),
    isCollection: element.isCollection === true,
    components: elements(element.itemComponent).map(readType),
    ...(item
      ? {
          function: {
            parameters: elements(item.parameters).map(readVariable),
            ...(result === undefined ? {} : { result }),
          },
        }
      : {}),
  };
}

/** Names are how FEEL refers to things: two things of one name cannot be told apart. */
function checkIds(model: DecisionModel): void {
  const seen = new Set<string>();
  const all = [...model.inputs, ...model.decisions, ...model.knowledge, ...model.services];
  if (all.length > maxElements) refuse(`The model has ${all.length} elements; ${maxElements} are the most.`);
  for (const { name } of all) {
    if (seen.has(name)) refuse(`Two elements of the model are named "${name}".`);
    seen.add(name);
  }
  const types = model.types.map(({ name }) => name);
  const repeated = types.find((name, index) => types.indexOf(name) !== index);
  if (repeated !== undefined) refuse(`Two types of the model are named "${repeated}".`);
}
