import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../decide.ts';
import { compileModel } from './compile-model.ts';
import { readDmn } from './read-dmn.ts';
import { decisionTableSchema } from './table-schema.ts';
import { writeDmn } from './write-dmn.ts';

const namespace = 'https://www.omg.org/spec/DMN/20191111/MODEL/';

const file = (inside: string, more = '') =>
  `<?xml version="1.0"?><definitions xmlns="${namespace}" ${more} id="d" name="Pricing" namespace="urn:pricing">${inside}</definitions>`;

const input = '<inputData id="i1" name="Spend"><variable name="Spend" typeRef="number"/></inputData>';
const decision = (id: string, name: string, logic: string, needs = '') =>
  `<decision id="${id}" name="${name}"><variable name="${name}"/>${needs}${logic}</decision>`;
const literal = (text: string) => `<literalExpression><text>${text}</text></literalExpression>`;
const needsInput = (href: string) =>
  `<informationRequirement><requiredInput href="#${href}"/></informationRequirement>`;
const needsDecision = (href: string) =>
  `<informationRequirement><requiredDecision href="#${href}"/></informationRequirement>`;

const chain = file(
  input +
    decision('d1', 'Fee', literal('Spend * 0.1'), needsInput('i1')) +
    decision('d2', 'Total', literal('Spend + Fee'), needsInput('i1') + needsDecision('d1')),
);

const refused = (xml: string, detail: RegExp) =>
  assert.rejects(readDmn(xml), (error: { code: string; detail: string }) => {
    assert.equal(error.code, 'decision.refused');
    assert.match(error.detail, detail);
    return true;
  });

test('decisions answer from what they need, each asked once', async () => {
  const { model, unsupported } = await readDmn(chain);
  assert.deepEqual(unsupported, []);
  const compiled = compileModel(model);
  assert.deepEqual(compiled.mistakes, []);
  assert.equal(decide(compiled, 'Total', { Spend: 0.3 }, { now: new Date(0) }).value, 0.33);
});

test('hostile files are refused: entities, size, depth, two of one id, other versions, no XML', async () => {
  await refused(`<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${chain}`, /entities/);
  await refused(file(`<description>${'x'.repeat(1_100_000)}</description>`), /larger than 1024 KiB/);
  await refused(file('<a>'.repeat(200) + '</a>'.repeat(200)), /over 100 elements/);
  await refused(file(input + input), /duplicate ID/);
  await refused(file(input + input.replace('i1', 'i2')), /named "Spend"/);
  await refused(chain.replace(namespace, 'http://www.omg.org/spec/DMN/20151101/dmn.xsd'), /no DMN 1.2/);
  await refused(chain.slice(0, 400), /cannot be read/);
  await refused('{"json": true}', /no DMN/);
  // Each of these would take hours if it were looked at again from every character.
  await refused('<"'.repeat(500_000), /a tag does not end/);
  await refused(`<definitions xmlns="${namespace}">${'<!--'.repeat(250_000)}`, /cannot be read/);
});

test('what is not understood is listed, by kind and count', async () => {
  const odd = '<x:price xmlns:x="urn:x">1</x:price>';
  const { model, unsupported } = await readDmn(
    file(
      `${input}<magic/><knowledgeSource id="k" name="Policy"/>` +
        `<decision id="d1" name="Fee" t:color="red"><extensionElements>${odd}${odd}</extensionElements><variable name="Fee"/>${literal('1')}</decision>`,
      'xmlns:t="urn:tool"',
    ),
  );
  assert.equal(model.decisions.length, 1);
  assert.deepEqual(unsupported, [
    'element magic',
    'element dmn:KnowledgeSource (kept as documentation)',
    'attribute t:color',
    'extension x:price (2 times)',
  ]);
});

test('decisions that need each other in a circle are refused by name', async () => {
  const { model } = await readDmn(
    file(
      decision('d1', 'A', literal('B'), needsDecision('d2')) + decision('d2', 'B', literal('A'), needsDecision('d1')),
    ),
  );
  assert.throws(() => compileModel(model), { code: 'decision.refused', detail: /A → B → A/ });
});

test('boxed loops, filters and conditions of DMN 1.5 answer, and come back as they went out', async () => {
  const text = (name: string, inside: string) => `<${name}>${literal(inside)}</${name}>`;
  const boxed: [string, string, unknown][] = [
    ['Doubled', `<for iteratorVariable="n">${text('in', 'Spends')}${text('return', 'n * 2')}</for>`, [2, 8]],
    ['Any', `<some iteratorVariable="n">${text('in', 'Spends')}${text('satisfies', 'n &gt; 3')}</some>`, true],
    ['All', `<every iteratorVariable="n">${text('in', 'Spends')}${text('satisfies', 'n &gt; 3')}</every>`, false],
    ['Large', `<filter>${text('in', 'Spends')}${text('match', 'item &gt; 3')}</filter>`, [4]],
    [
      'Which',
      `<conditional>${text('if', 'count(Spends) = 2')}${text('then', '"two"')}${text('else', '"other"')}</conditional>`,
      'two',
    ],
  ];
  const spends = '<inputData id="i1" name="Spends"><variable name="Spends"/></inputData>';
  const decisions = boxed.map(([name, logic], index) => decision(`d${index}`, name, logic, needsInput('i1'))).join('');
  const { model, unsupported } = await readDmn(file(spends + decisions).replace('20191111', '20230324'));
  assert.deepEqual(unsupported, []);
  const compiled = compileModel(model);
  assert.deepEqual(compiled.mistakes, []);
  for (const [name, , expected] of boxed) {
    assert.deepEqual(decide(compiled, name, { Spends: [1, 4] }, { now: new Date(0) }).value, expected, name);
  }
  assert.deepEqual((await readDmn(await writeDmn(model))).model, model);
});

test('a table from a screen is as wide in every row as its columns, and its rows have ids of their own', () => {
  const rule = (id: string, conditions: string[]) => ({ id, conditions, results: ['1'], notes: [] });
  const table = (rules: unknown[]) =>
    decisionTableSchema
      .safeParse({
        kind: 'table',
        hitPolicy: 'F',
        inputs: [{ expression: 'Spend' }],
        outputs: [{}],
        annotations: [],
        rules,
      })
      .error?.issues.map(({ path, message }) => [path.join('.'), message]);
  assert.equal(table([rule('a', ['-']), rule('b', ['> 1'])]), undefined);
  assert.deepEqual(table([rule('a', ['-', '-'])]), [['rules.0', 'A row has one cell a column.']]);
  assert.deepEqual(table([rule('a', ['-']), rule('a', ['-'])]), [['rules.1.id', 'Another row has this id.']]);
});

test('a type that is only itself is refused; one that holds itself is not', async () => {
  const type = (name: string, inside: string, more = '') =>
    `<itemDefinition name="${name}"${more}>${inside}</itemDefinition>`;
  const compile = async (types: string) => compileModel((await readDmn(file(types))).model);
  const limited = '<allowedValues><text>1</text></allowedValues>';
  await assert.rejects(compile(type('tA', `<typeRef>tB</typeRef>${limited}`) + type('tB', '<typeRef>tA</typeRef>')), {
    code: 'decision.refused',
  });
  await assert.rejects(compile(type('tA', '<typeRef>tA</typeRef>', ' isCollection="true"')), {
    code: 'decision.refused',
  });
  const tree = type(
    'tTree',
    '<itemComponent name="below" isCollection="true"><typeRef>tTree</typeRef></itemComponent>',
  );
  assert.deepEqual((await compile(tree)).mistakes, []);
});

test('a model of nothing but mistakes or of endless expressions is given up on', async () => {
  const decisions = (text: (index: number) => string) =>
    file(Array.from({ length: 200 }, (_, index) => decision(`d${index}`, `D${index}`, literal(text(index)))).join(''));
  const { model } = await readDmn(decisions((index) => `1 + * ${index}`));
  assert.equal(compileModel(model).mistakes.length, 100);
  const long = await readDmn(decisions((index) => `[${index}${', 1'.repeat(1_300)}]`));
  assert.throws(() => compileModel(long.model), { code: 'decision.refused', detail: /too long/ });
});

test('mistakes of a model are told with their place, before anybody asks it', async () => {
  const { model } = await readDmn(
    file(
      input +
        decision('d1', 'Fee', literal('Spend *'), needsInput('i1')) +
        '<decision id="d2" name="Rate"><variable name="Rate" typeRef="tRate"/></decision>',
    ),
  );
  assert.deepEqual(
    compileModel(model).mistakes.map(({ where }) => where),
    ['Fee', 'Rate', 'Rate'],
  );
});

test('an input that the model does not know, or of another type, is refused', async () => {
  const { model } = await readDmn(chain);
  const compiled = compileModel(model);
  const ask = (inputs: Record<string, string | number>) => () =>
    decide(compiled, 'Total', inputs, { now: new Date(0) });
  assert.throws(ask({ Speed: 1 }), { code: 'request.malformed' });
  assert.throws(ask({ Spend: 'much' }), { code: 'request.malformed' });
  assert.throws(() => decide(compiled, 'Nothing', {}, { now: new Date(0) }), { code: 'not_found' });
});

test('a model is plain data, and comes back from DMN as it went out', async () => {
  const table =
    '<decisionTable id="t" hitPolicy="COLLECT" aggregation="SUM"><input id="in" label="Spend so far"><inputExpression typeRef="number"><text>Spend</text></inputExpression><inputValues><text>&gt;= 0</text></inputValues></input>' +
    '<output id="o" name="points" typeRef="number"><defaultOutputEntry><text>0</text></defaultOutputEntry></output><annotation name="Why"/>' +
    '<rule id="r1"><inputEntry><text>&lt; 10</text></inputEntry><outputEntry><text>1</text></outputEntry><annotationEntry><text>small &amp; new</text></annotationEntry></rule></decisionTable>';
  const type =
    '<itemDefinition name="tTier"><typeRef>string</typeRef><allowedValues><text>"a","b"</text></allowedValues></itemDefinition>';
  const xml = file(
    `${type}${input}<knowledgeSource id="k" name="Policy"/>${decision('d1', 'Points', table, needsInput('i1'))}`,
  );
  const { model } = await readDmn(xml);
  assert.deepEqual(JSON.parse(JSON.stringify(model)), model);
  const fresh = await readDmn(await writeDmn(model));
  assert.deepEqual(fresh.model, model);
  assert.deepEqual(fresh.unsupported, []);
  const edited = structuredClone(model);
  Object.assign((edited.decisions[0]!.logic as { rules: { conditions: string[] }[] }).rules[0]!, {
    conditions: ['< 20'],
  });
  const kept = await writeDmn(edited, xml);
  assert.match(kept, /knowledgeSource/);
  assert.deepEqual((await readDmn(kept)).model, edited);
});
