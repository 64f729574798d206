import { DmnModdle } from 'dmn-moddle';
import dmn13 from 'dmn-moddle/resources/dmn/json/dmn13.json' with { type: 'json' };
import dmndi13 from 'dmn-moddle/resources/dmn/json/dmndi13.json' with { type: 'json' };
import type { DmnVersion } from './dmn-model.ts';

const namespaces: Readonly<Record<DmnVersion, { model: string; diagram: string }>> = {
  '1.2': {
    model: 'http://www.omg.org/spec/DMN/20180521/MODEL/',
    diagram: 'http://www.omg.org/spec/DMN/20180521/DMNDI/',
  },
  '1.3': {
    model: 'https://www.omg.org/spec/DMN/20191111/MODEL/',
    diagram: 'https://www.omg.org/spec/DMN/20191111/DMNDI/',
  },
  '1.4': {
    model: 'https://www.omg.org/spec/DMN/20211108/MODEL/',
    diagram: 'https://www.omg.org/spec/DMN/20191111/DMNDI/',
  },
  '1.5': {
    model: 'https://www.omg.org/spec/DMN/20230324/MODEL/',
    diagram: 'https://www.omg.org/spec/DMN/20230324/DMNDI/',
  },
};

const child = (name: string, type = 'ChildExpression') => ({ name, type, xml: { serialize: 'property' } });

/** What DMN 1.4 and 1.5 added to 1.3, which is as far as dmn-moddle's own description goes. */
const later = [
  {
    name: 'ChildExpression',
    properties: [
      { name: 'id', type: 'String', isAttr: true },
      { name: 'value', type: 'Expression' },
    ],
  },
  {
    name: 'TypedChildExpression',
    superClass: ['ChildExpression'],
    properties: [{ name: 'typeRef', type: 'String', isAttr: true }],
  },
  { name: 'Conditional', superClass: ['Expression'], properties: [child('if'), child('then'), child('else')] },
  {
    name: 'Iterator',
    superClass: ['Expression'],
    properties: [{ name: 'iteratorVariable', type: 'String', isAttr: true }, child('in', 'TypedChildExpression')],
  },
  { name: 'For', superClass: ['Iterator'], properties: [child('return')] },
  { name: 'Quantified', superClass: ['Iterator'], properties: [child('satisfies')] },
  { name: 'Every', superClass: ['Quantified'], properties: [] },
  { name: 'Some', superClass: ['Quantified'], properties: [] },
  { name: 'Filter', superClass: ['Expression'], properties: [child('in'), child('match')] },
];

const moddles = new Map<DmnVersion, DmnModdle>();

/** dmn-moddle for a version of DMN. */
export function moddleOf(version: DmnVersion): DmnModdle {
  const known = moddles.get(version);
  if (known) return known;
  const { model, diagram } = namespaces[version];
  const dmn = { ...structuredClone(dmn13), uri: model } as { types: { name: string; properties: unknown[] }[] };
  dmn.types.push(...structuredClone(later));
  const itemDefinition = dmn.types.find(({ name }) => name === 'ItemDefinition');
  itemDefinition?.properties.push({ name: 'typeConstraint', type: 'UnaryTests', xml: { serialize: 'property' } });
  const moddle = new DmnModdle({ dmn, dmndi: { ...structuredClone(dmndi13), uri: diagram } });
  moddles.set(version, moddle);
  return moddle;
}

/** The version whose namespace a root's tag says is its own; undefined for others (DMN 1.1 and earlier too). */
export function versionOf(tag: string): DmnVersion | undefined {
  const root = /^<(?:([\w.-]+):)?definitions\b[\s\S]*>$/.exec(tag);
  if (!root) return undefined;
  const attribute = root[1] ? `xmlns:${root[1].replace(/[.]/g, '\\.')}` : 'xmlns';
  const uri = new RegExp(`\\s${attribute}\\s*=\\s*["']([^"']*)["']`).exec(root[0])?.[1];
  return (Object.keys(namespaces) as DmnVersion[]).find((version) => namespaces[version].model === uri);
}
