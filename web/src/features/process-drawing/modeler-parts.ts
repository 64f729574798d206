import {
  type Drawable,
  type Drawn,
  drawables,
  type ElementFactory,
  type Modeling,
  type Services,
} from './drawables.ts';
import { conditionOf, renamedIn, setCondition, wordFor } from './drawn-values.ts';
import { type Change, type Maker, ownOf, setOwn, textOf } from './moddle-parts.ts';

/** Entries of the library's menus that lead to what the engine does not run; they are left out. */
const notRun =
  /^replace-with-(conditional|link|compensation|cancel|complex|receive|manual|script|transaction|event-subprocess|ad-hoc|collapsed-ad-hoc|expanded-ad-hoc|task$|non-interrupting-conditional|data-|conditional-flow)|^toggle-loop$/;

type Entries = Record<string, object>;
const withoutNotRun = (entries: Entries): Entries =>
  Object.fromEntries(Object.entries(entries).filter(([name]) => !notRun.test(name)));

interface Create {
  start(event: unknown, shape: Drawn | Drawn[], context?: object): void;
}
interface Tools {
  create: Create;
  elementFactory: ElementFactory;
  handTool: { activateHand(event: unknown): void };
  lassoTool: { activateSelection(event: unknown): void };
  spaceTool: { activateSelection(event: unknown): void };
  globalConnect: { start(event: unknown): void };
}

/** A sub-process comes with its start. */
function shapesOf({ attributes }: Drawable, factory: ElementFactory): Drawn | Drawn[] {
  const shape = factory.createShape(
    attributes.type === 'bpmn:SubProcess' ? { ...attributes, x: 0, y: 0 } : { ...attributes },
  );
  if (attributes.type !== 'bpmn:SubProcess') return shape;
  return [shape, factory.createShape({ type: 'bpmn:StartEvent', x: 40, y: 82, parent: shape })];
}

function paletteEntries(tools: Tools): Entries {
  const tool = (icon: string, title: string, click: (event: unknown) => void) => ({
    ...{ group: 'tools', className: `bpmn-icon-${icon}`, title, action: { click } },
  });
  const entries: Entries = {
    hand: tool('hand-tool', 'Move the canvas (H)', (event) => tools.handTool.activateHand(event)),
    lasso: tool('lasso-tool', 'Select several (L)', (event) => tools.lassoTool.activateSelection(event)),
    space: tool('space-tool', 'Make or take space (S)', (event) => tools.spaceTool.activateSelection(event)),
    connect: tool('connection-multi', 'Connect (C)', (event) => tools.globalConnect.start(event)),
    separator: { group: 'tools', separator: true },
  };
  for (const [name, drawable] of Object.entries(drawables)) {
    const begin = (event: unknown) => tools.create.start(event, shapesOf(drawable, tools.elementFactory));
    entries[`draw-${name}`] = {
      ...{ group: drawable.group, className: `bpmn-icon-${drawable.icon}`, title: drawable.name },
      action: { click: begin, dragstart: begin },
    };
  }
  return entries;
}

/** The palette, in the place of the library's own: what the engine runs. */
class Palette {
  static $inject = ['palette', 'create', 'elementFactory', 'handTool', 'lassoTool', 'spaceTool', 'globalConnect'];
  getPaletteEntries: () => Entries;
  constructor(
    palette: { registerProvider(provider: unknown): void },
    create: Create,
    elementFactory: ElementFactory,
    handTool: Tools['handTool'],
    lassoTool: Tools['lassoTool'],
    spaceTool: Tools['spaceTool'],
    globalConnect: Tools['globalConnect'],
  ) {
    const tools = { create, elementFactory, handTool, lassoTool, spaceTool, globalConnect };
    this.getPaletteEntries = () => paletteEntries(tools);
    palette.registerProvider(this);
  }
}

/** What the context pad appends, in the place of what the engine does not run. */
const appended = ['user', 'exclusive', 'timer', 'end'] as const;
const appendedBehindFirst = ['timer', 'message'] as const;

interface Registers {
  registerProvider(...args: unknown[]): void;
}

/** Context pad and replace menu, narrowed to what the engine runs. */
class Menus {
  static $inject = ['contextPad', 'popupMenu', 'create', 'elementFactory', 'autoPlace'];
  constructor(
    contextPad: Registers,
    popupMenu: Registers,
    create: Create,
    elementFactory: ElementFactory,
    autoPlace: Services['autoPlace'],
  ) {
    const append = (name: string) => {
      const { icon, attributes, name: title } = drawables[name]!;
      return {
        ...{ group: 'model', className: `bpmn-icon-${icon}`, title: `Add behind it: ${title}` },
        action: {
          click: (_: unknown, element: Drawn) => autoPlace.append(element, elementFactory.createShape(attributes)),
          dragstart: (event: unknown, element: Drawn) =>
            create.start(event, elementFactory.createShape(attributes), { source: element }),
        },
      };
    };
    // A lower priority than the library's: its entries are there already.
    contextPad.registerProvider(500, {
      getContextPadEntries: (element: Drawn) => (entries: Entries) => {
        const names = Object.keys(entries).filter((name) => name.startsWith('append.'));
        const goesOn = names.some((name) => name !== 'append.text-annotation') && element.type !== 'bpmn:SequenceFlow';
        const isFirst = element.type === 'bpmn:EventBasedGateway';
        const own = goesOn ? (isFirst ? appendedBehindFirst : appended) : [];
        const kept = Object.entries(entries).filter(
          ([name]) => !name.startsWith('append.') || name === 'append.text-annotation',
        );
        return Object.fromEntries([...own.map((name) => [`append.${name}`, append(name)]), ...kept]);
      },
    });
    popupMenu.registerProvider('bpmn-replace', 500, {
      getPopupMenuEntries: () => withoutNotRun,
      getPopupMenuHeaderEntries: () => withoutNotRun,
    });
  }
}

interface Command {
  context: {
    shape?: Drawn;
    element?: Drawn;
    properties?: Record<string, unknown>;
    oldProperties?: Record<string, unknown>;
  };
}
interface EventBus {
  on(event: string, callback: (event: Command) => void): void;
}

/** What reads from an element by its id reads from it still when the id changes: conditions, and tasks kept from its actors. */
function followId(moddle: Maker, registry: Services['elementRegistry'], from: string, to: string) {
  return registry
    .filter(({ type }) => type === 'bpmn:SequenceFlow' || type === 'bpmn:UserTask')
    .flatMap((element): { element: Drawn; changes: Change[] }[] => {
      const part = element.businessObject;
      if (element.type === 'bpmn:SequenceFlow') {
        const [before, after] = [conditionOf(part), renamedIn(conditionOf(part), from, to)];
        return before === after ? [] : [{ element, changes: setCondition(moddle, part, after) }];
      }
      const rules = ownOf<{ notActorOf?: { task: string }[] }>(part, 'Candidates');
      if (!rules.some(({ notActorOf = [] }) => notActorOf.some(({ task }) => task === from))) return [];
      const renamed = rules.map((rule) => ({
        ...rule,
        notActorOf: rule.notActorOf?.map(({ task }) => ({ task: task === from ? to : task })),
      }));
      return [{ element, changes: setOwn(moddle, part, 'Candidates', renamed) }];
    });
}

/** What the library calls an element before anybody does. */
const unnamed = /^(Activity|Event|Gateway)_[0-9a-z]{7}$/;

/** What is said of a new element so that it can be decided, and its id once somebody names it. */
class Beginnings {
  static $inject = ['eventBus', 'modeling', 'moddle', 'elementRegistry'];
  constructor(eventBus: EventBus, modeling: Modeling, moddle: Maker, registry: Services['elementRegistry']) {
    eventBus.on('commandStack.shape.create.postExecuted', ({ context: { shape } }) => {
      if (shape?.type !== 'bpmn:UserTask' || ownOf(shape.businessObject, 'Outcome').length > 0) return;
      const outcomes = [{ name: 'approved' }, { name: 'rejected' }];
      for (const { properties } of setOwn(moddle, shape.businessObject, 'Outcome', outcomes))
        modeling.updateProperties(shape, properties);
    });
    const name = ({ context: { element } }: Command) => {
      const of = element?.labelTarget ?? element;
      const said = textOf(of?.businessObject.name);
      if (!of || !said || !unnamed.test(of.id)) return;
      modeling.updateProperties(of, { id: wordFor(said, (id) => registry.get(id) !== undefined) });
    };
    eventBus.on('commandStack.element.updateLabel.postExecuted', name);
    eventBus.on('commandStack.element.updateProperties.postExecuted', (command) => {
      const { properties = {}, oldProperties = {} } = command.context;
      if ('name' in properties) name(command);
      if (typeof properties.id !== 'string' || typeof oldProperties.id !== 'string') return;
      for (const { element, changes } of followId(moddle, registry, oldProperties.id, properties.id))
        for (const change of changes) modeling.updateProperties(element, change.properties);
    });
  }
}

/** The command that changes several parts together, so that undo takes them back together. */
export const changeCommand = 'tradeai.change';

class ChangeTogether {
  static $inject = ['modeling'];
  readonly #modeling: Modeling;
  constructor(modeling: Modeling) {
    this.#modeling = modeling;
  }
  preExecute({ element, changes }: { element: Drawn; changes: readonly Change[] }) {
    for (const { target, properties } of changes) {
      if (target === element.businessObject) this.#modeling.updateProperties(element, properties);
      else this.#modeling.updateModdleProperties(element, target, properties);
    }
  }
}

class Commands {
  static $inject = ['commandStack'];
  constructor(commandStack: Services['commandStack']) {
    commandStack.registerHandler(changeCommand, ChangeTogether);
  }
}

/** What the library is told beside its own. */
export const drawingModule = {
  __init__: ['ownMenus', 'ownBeginnings', 'ownCommands'],
  paletteProvider: ['type', Palette],
  ownMenus: ['type', Menus],
  ownBeginnings: ['type', Beginnings],
  ownCommands: ['type', Commands],
};
