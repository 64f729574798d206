import type { DmnModdle, ModdleElement } from 'dmn-moddle';
import type {
  BoxedExpression,
  Decision,
  DecisionModel,
  DecisionService,
  ItemDefinition,
  KnowledgeModel,
  Named,
  Variable,
} from './dmn-model.ts';
import { moddleOf } from './dmn-versions.ts';
import { elements } from './read-boxed.ts';
import { type Create, writeExpression, writeVariable } from './write-boxed.ts';

/**
 * A model as DMN of its own version. Given the file that it was read from, that file's diagram, annotations, knowledge sources and
 * what tools wrote about the definitions stay.
 */
export async function writeDmn(model: DecisionModel, original?: string): Promise<string> {
  const moddle = moddleOf(model.version);
  const create = creator(moddle);
  const { rootElement: root } =
    original === undefined ? { rootElement: moddle.create('dmn:Definitions', {}) } : await moddle.fromXML(original);
  const known = elements(root.drgElement);
  const sources = known.filter(({ $type }) => $type === 'dmn:KnowledgeSource');
  Object.assign(root, {
    id: model.id ?? 'definitions',
    name: model.name,
    namespace: model.namespace,
    import: model.imports.map(({ locationUri, ...other }) => create('Import', { ...other, locationURI: locationUri })),
    itemDefinition: model.types.map((type) => writeType(type, create)),
    drgElement: [
      ...model.inputs.map((input) =>
        create('InputData', { ...named(input), variable: writeVariable(input.variable, create) }),
      ),
      ...model.decisions.map((decision) => writeDecision(decision, create)),
      ...model.knowledge.map((knowledge) => writeKnowledge(knowledge, create)),
      ...model.services.map((service) => writeService(service, create)),
      ...sources,
    ],
  });
  for (const element of elements(root.drgElement)) keepAuthorities(element, known);
  const { xml } = await moddle.toXML(root, { format: true });
  return xml;
}

/** Properties that are undefined are left out, as the library would write them otherwise. */
function creator(moddle: DmnModdle): Create {
  return (type, properties) =>
    moddle.create(
      `dmn:${type}`,
      Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)),
    );
}

/** Which knowledge sources stand behind an element is documentation, which the model does not hold. */
function keepAuthorities(element: ModdleElement, known: readonly ModdleElement[]): void {
  const before = known.find(({ id }) => id === element.id);
  if (before && before !== element && before.authorityRequirement)
    element.authorityRequirement = before.authorityRequirement;
}

const named = ({ id, name, description }: Named) => ({ id, name, description });

const reference = (href: string, create: Create) => create('DMNElementReference', { href });

function requirements(type: string, property: string, hrefs: readonly string[], create: Create): ModdleElement[] {
  return hrefs.map((href) => create(type, { [property]: reference(href, create) }));
}

function writeDecision(decision: Decision, create: Create): ModdleElement {
  return create('Decision', {
    ...named(decision),
    question: decision.question,
    allowedAnswers: decision.allowedAnswers,
    variable: writeVariable(decision.variable, create),
    informationRequirement: [
      ...requirements('InformationRequirement', 'requiredDecision', decision.requiredDecisions, create),
      ...requirements('InformationRequirement', 'requiredInput', decision.requiredInputs, create),
    ],
    knowledgeRequirement: requirements('KnowledgeRequirement', 'requiredKnowledge', decision.requiredKnowledge, create),
    decisionLogic: writeLogic(decision.logic, create),
  });
}

const writeLogic = (logic: BoxedExpression | null, create: Create) =>
  logic === null ? undefined : writeExpression(logic, create);

function writeKnowledge(knowledge: KnowledgeModel, create: Create): ModdleElement {
  return create('BusinessKnowledgeModel', {
    ...named(knowledge),
    variable: writeVariable(knowledge.variable, create),
    knowledgeRequirement: requirements(
      'KnowledgeRequirement',
      'requiredKnowledge',
      knowledge.requiredKnowledge,
      create,
    ),
    encapsulatedLogic: writeLogic(knowledge.logic, create),
  });
}

function writeService(service: DecisionService, create: Create): ModdleElement {
  const list = (hrefs: readonly string[]) => hrefs.map((href) => reference(href, create));
  return create('DecisionService', {
    ...named(service),
    variable: writeVariable(service.variable, create),
    outputDecision: list(service.outputDecisions),
    encapsulatedDecision: list(service.encapsulatedDecisions),
    inputDecision: list(service.inputDecisions),
    inputData: list(service.inputData),
  });
}

function writeType(type: ItemDefinition, create: Create): ModdleElement {
  const tests = (text: string | undefined) => (text === undefined ? undefined : create('UnaryTests', { text }));
  return create('ItemDefinition', {
    name: type.name,
    typeRef: type.type,
    isCollection: type.isCollection || undefined,
    allowedValues: tests(type.allowedValues),
    typeConstraint: tests(type.typeConstraint),
    itemComponent: type.components.map((component) => writeType(component, create)),
    functionItem:
      type.function &&
      create('FunctionItem', {
        outputTypeRef: type.function.result,
        parameters: type.function.parameters.map((parameter: Variable) => writeVariable(parameter, create)),
      }),
  });
}
