import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CompiledModel,
  compileModel,
  type DecisionModel,
  equalValues,
  type FeelContext,
  FeelRun,
  type FeelValue,
  feelOf,
  readDmn,
  typeOfName,
} from '#workflow';
import { readXml, type XmlElement } from './read-xml.ts';
import { runSuite, type SuiteResult } from './suite.ts';

interface Case {
  folder: string;
  id: string;
  element: XmlElement;
  model: CompiledModel;
}

/** The shares of cases that must pass at each level of the kit. */
export const dmnTargets: Readonly<Record<string, number>> = { 'DMN level 2': 1, 'DMN level 3': 0.97 };

/** OMG's Technology Compatibility Kit for DMN, asked of the decision engine: every case of both levels. */
export async function dmn(folder: string): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const level of [2, 3]) {
    const root = join(folder, `compliance-level-${level}`);
    const cases: Case[] = [];
    for (const name of readdirSync(root).sort()) cases.push(...(await readCases(join(root, name), name)));
    const describe = ({ folder, id }: Case) => `${folder} ${id}`;
    results.push(await runSuite(`DMN level ${level}`, cases, describe, async (asked) => passesCase(asked)));
  }
  return results;
}

async function readCases(folder: string, name: string): Promise<Case[]> {
  const files = readdirSync(folder).sort();
  const models = new Map<string, DecisionModel>();
  for (const file of files.filter((other) => other.endsWith('.dmn'))) {
    models.set(file, (await readDmn(readFileSync(join(folder, file), 'utf8'))).model);
  }
  const byNamespace = new Map([...models.values()].map((model) => [model.namespace, model] as const));
  return files
    .filter((file) => file.endsWith('.xml'))
    .flatMap((file) => {
      const root = readXml(readFileSync(join(folder, file), 'utf8'));
      const model = models.get(childOf(root, 'modelName')?.text.trim() ?? '');
      if (!model) throw new Error(`${file} names no model of its folder`);
      const compiled = compileModel(model, byNamespace);
      const cases = root.children.filter((child) => child.name === 'testCase');
      return cases.map((element) => ({ folder: name, id: element.attributes.id ?? '', element, model: compiled }));
    });
}

const childOf = (element: XmlElement, name: string) => element.children.find((child) => child.name === name);

/** Any moment does: the kit asks only for the types of `now()` and `today()`. */
const now = new Date('2026-01-15T12:00:00Z');

function passesCase({ element, model }: Case): boolean {
  const inputs: FeelContext = new Map(
    element.children
      .filter((child) => child.name === 'inputNode')
      .map((child) => [child.attributes.name ?? '', readValue(child)] as const),
  );
  const service = element.attributes.invocableName;
  return element.children
    .filter((child) => child.name === 'resultNode')
    .every((result) => {
      const run = new FeelRun(now);
      const name = result.attributes.name ?? '';
      const answer = service === undefined ? model.decide(name, inputs, run) : model.call(service, inputs, run);
      // A service of several decisions answers a context; the kit asks for each by its name.
      const value = service !== undefined && answer instanceof Map ? (answer.get(name) ?? answer) : answer;
      return isSame(value, readValue(childOf(result, 'expected')!));
    });
}

const types: Readonly<Record<string, string>> = {
  decimal: 'number',
  double: 'number',
  integer: 'number',
  date: 'date',
  time: 'time',
  dateTime: 'date and time',
};

/** The value that a node of the kit stands for: `value`, `list` of `item`s, or `component`s by name. */
function readValue(node: XmlElement): FeelValue {
  const components = node.children.filter((child) => child.name === 'component');
  if (components.length > 0)
    return new Map(components.map((part) => [part.attributes.name ?? '', readValue(part)] as const));
  const list = childOf(node, 'list');
  if (list) return list.attributes.nil === 'true' ? null : list.children.map(readValue);
  const value = childOf(node, 'value');
  if (!value || value.attributes.nil === 'true') return null;
  const type = (value.attributes.type ?? 'string').replace(/^.*:/, '');
  if (type === 'boolean') return value.text.trim() === 'true';
  if (type === 'string') return value.text;
  const text = value.text.trim();
  if (type === 'duration') {
    const isMonths = /^-?P(\d+Y)?(\d+M)?$/.test(text);
    return feelOf(text, typeOfName(`${isMonths ? 'years and months' : 'days and time'} duration`));
  }
  return types[type] === 'number' ? feelOf(Number(text)) : feelOf(text, typeOfName(types[type] ?? type));
}

/** Results of roots and logarithms are given to eight places. */
const precision = 1e-8;

function isSame(a: FeelValue, b: FeelValue): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, at) => isSame(value, b[at]));
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isSame(value, b.get(key)));
  }
  if (equalValues(a, b) === true) return true;
  const [x, y] = [a, b].map((value) =>
    value !== null && typeof value === 'object' && 'toNumber' in value ? value.toNumber() : Number.NaN,
  );
  return Math.abs(x! - y!) < precision;
}
