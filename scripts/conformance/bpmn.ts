import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type ProcessModel, readBpmn, writeBpmn } from '#workflow';
import { readXml, type XmlElement } from './read-xml.ts';
import { runSuite, type SuiteResult } from './suite.ts';

/** A suite's result, and for each file what a tool would miss that reads what we wrote: nothing, mostly. */
export interface BpmnResult extends SuiteResult {
  losses: string[];
}

/**
 * What is written otherwise than it was read, so that less of it is no loss: BPMN allows `formalExpression` in the place of
 * `expression`, and a reference that leads nowhere inside of the file cannot be given back.
 */
const otherwise = new Map([
  ['formalExpression', 'written as expression'],
  ['outMessageRef', 'leads to nothing in the file'],
]);

/** What BPMN 2.0.2 says where an attribute is absent: leaving it out says the same. */
const defaults = new Set([
  'completionQuantity=1',
  'startQuantity=1',
  'isForCompensation=false',
  'gatewayDirection=Unspecified',
  'isInterrupting=true',
  'cancelActivity=true',
  'parallelMultiple=false',
  'triggeredByEvent=false',
  'isSequential=false',
  'isCollection=false',
  'testBefore=false',
  'eventGatewayType=Exclusive',
  'instantiate=false',
  'textFormat=text/plain',
  'messageVisibleKind=initiating',
  'expressionLanguage=http://www.w3.org/1999/XPath',
  'typeLanguage=http://www.w3.org/2001/XMLSchema',
  // Of a way point, which is a point in any case.
  'type=dc:Point',
  'type=omgdc:Point',
]);

/** The reference models of OMG's BPMN Model Interchange Working Group: each is read, written and read again. */
export async function bpmn(folder: string): Promise<BpmnResult[]> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.bpmn'))
    .sort();
  const losses: string[] = [];
  const sourced = await runSuite('BPMN MIWG', files, String, async (file) => {
    const xml = readFileSync(join(folder, file), 'utf8');
    const { models, unsupported } = await readBpmn(xml);
    const written = await writeBpmn(models);
    const lost = lossesOf(xml, written);
    const blocking = unsupported.filter(({ blocks }) => blocks).length;
    const told = lost.map(({ name, before, after }) => `${name} ${before} > ${after}${reasonOf(name)}`);
    losses.push(
      `${file}: lost ${told.join(', ') || 'nothing'}; ${unsupported.length} listed, ${blocking} not executable`,
    );
    const again = await readBpmn(written);
    const isKept = lost.every(({ name }) => otherwise.has(name));
    return isKept && isDeepStrictEqual(unsourced(again.models), unsourced(models));
  });
  const alone = await runSuite('BPMN MIWG, bare', files, String, async (file) => {
    const { models } = await readBpmn(readFileSync(join(folder, file), 'utf8'));
    const executable = models.map(withoutFile);
    const again = await readBpmn(await writeBpmn(executable));
    return isDeepStrictEqual(again.models.map(withoutFile), executable);
  });
  return [
    { ...sourced, losses },
    { ...alone, losses: [] },
  ];
}

const reasonOf = (name: string) => (otherwise.has(name) ? ` (${otherwise.get(name)})` : '');

const unsourced = (models: readonly ProcessModel[]) => models.map(({ source: _, ...model }) => model);

/** What is executed, drawn, and nothing of the file that it came from. */
function withoutFile({ source: _, unsupported: __, diagram: ___, ...model }: ProcessModel): ProcessModel {
  return model;
}

/** Elements of each local name that the second file has fewer of. */
function lossesOf(before: string, after: string): { name: string; before: number; after: number }[] {
  const [had, has] = [before, after].map((xml) => count(readXml(xml), new Map()));
  return [...had!].flatMap(([name, times]) => {
    const left = has!.get(name) ?? 0;
    return left < times ? [{ name, before: times, after: left }] : [];
  });
}

function count(element: XmlElement, counts: Map<string, number>): Map<string, number> {
  const attributes = Object.entries(element.attributes)
    .filter(([name, value]) => !isNamespace(element, name, value) && !defaults.has(`${name}=${value}`))
    .map(([name]) => `${element.name}/@${name}`);
  for (const name of [element.name, ...attributes]) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const child of element.children) count(child, counts);
  return counts;
}

/** Declarations of namespaces, which are written where they are needed. */
const isNamespace = (element: XmlElement, name: string, value: string) =>
  name === 'xmlns' ||
  (element.name === 'definitions' && /^(https?|urn):/.test(value) && !/Namespace|Language/.test(name));
