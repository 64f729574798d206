/** Namespace of what BPMN has no word for: candidates, votes, effects, decisions, variables, business calendars. */
export const extensionUri = 'urn:tradeai:bpmn:1';

const attribute = (name: string, type = 'String') => ({ name, type, isAttr: true });
const list = (name: string, type: string) => ({ name, type, isMany: true });
const moments = ['at', 'after', 'every', 'calendar'].map((name) => attribute(name));
const pair = [attribute('name'), attribute('value')];

const element = (name: string, properties: unknown[]) => ({ name, superClass: ['Element'], properties });
const added = (to: string, names: string[]) => ({
  name: `Extended${to}`,
  extends: [`bpmn:${to}`],
  properties: names.map((name) => attribute(name)),
});

/** The namespace as bpmn-moddle is told about it: what our elements and attributes in a BPMN file look like. */
export const extension = {
  name: 'TRADEAI',
  uri: extensionUri,
  prefix: 'tradeai',
  xml: { tagAlias: 'lowerCase' },
  types: [
    element('Variable', [attribute('name'), attribute('type'), attribute('required', 'Boolean'), attribute('allowed')]),
    element('Candidates', [
      ...['permission', 'people', 'managerOf', 'limitCovers'].map((name) => attribute(name)),
      attribute('levels', 'Integer'),
      list('roles', 'Role'),
      list('notActorOf', 'NotActorOf'),
      { name: 'otherwise', type: 'Candidates' },
    ]),
    element('Role', [attribute('name')]),
    element('NotActorOf', [attribute('task')]),
    element('Outcome', [attribute('name')]),
    element('Vote', [
      attribute('seats', 'Integer'),
      attribute('count', 'Integer'),
      attribute('share', 'Real'),
      attribute('veto', 'Boolean'),
      attribute('stopsEarly', 'Boolean'),
      attribute('fallback'),
    ]),
    element('Due', moments),
    element('Escalation', [
      ...moments,
      attribute('does'),
      attribute('outcome'),
      attribute('code'),
      { name: 'candidates', type: 'Candidates' },
    ]),
    element('Field', [attribute('variable'), attribute('label'), attribute('required', 'Boolean')]),
    element('Effect', [attribute('name'), attribute('result')]),
    element('Decision', [attribute('name'), attribute('result')]),
    element('Input', pair),
    element('Output', pair),
    element('Content', pair),
    added('TimerEventDefinition', ['calendar']),
    added('MessageEventDefinition', ['correlate']),
    added('MultiInstanceLoopCharacteristics', ['over', 'as', 'collectInto', 'collectValue']),
  ],
};
