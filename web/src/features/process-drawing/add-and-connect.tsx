import { Button, Menu, Select } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { type Drawable, type Drawn, drawables, kindOf, nameOf } from './drawables.ts';
import type { Drawing } from './use-drawing.ts';

const labelOf = (element: Drawn) =>
  element.source ? nameOf(element) : `${nameOf(element)} (${kindOf(element.businessObject)})`;

/** A subprocess of its own name and start cannot be appended in one step: it is drawn from the palette. */
const appendable = Object.values(drawables).filter(
  ({ attributes }) => attributes.type !== 'bpmn:StartEvent' && attributes.type !== 'bpmn:SubProcess',
);

const hasWayOn = ({ type }: Drawn) =>
  /(Task|Activity|SubProcess|Gateway|Event)$/.test(type) && type !== 'bpmn:EndEvent';
const hasWayIn = ({ type }: Drawn) =>
  type !== 'bpmn:StartEvent' && type !== 'bpmn:BoundaryEvent' && type !== 'bpmn:SequenceFlow';

/** Picking, adding, connecting and removing without a pointer. */
export function AddAndConnect({ drawing }: { drawing: Drawing }) {
  const { services, picked, elements, pick } = drawing;
  const isElement = elements.includes(picked);
  const goesOn = isElement && hasWayOn(picked);
  const append = ({ attributes }: Drawable) => {
    const shape = services.get('elementFactory').createShape({ ...attributes });
    pick(services.get('autoPlace').append(picked, shape).id);
  };
  const targets = elements.filter(
    (one) => hasWayIn(one) && one !== picked && !picked.outgoing?.some(({ target }) => target === one),
  );
  return (
    <div className="stack">
      <Select
        label="Picked"
        searchable
        clearable
        allowDeselect={false}
        placeholder="The process itself"
        nothingFoundMessage="Nothing is called so"
        data={elements.map((one) => ({ value: one.id, label: labelOf(one) }))}
        value={isElement ? picked.id : null}
        onChange={pick}
      />
      {isElement && (
        <div className="row" style={{ flexWrap: 'wrap' }}>
          {goesOn && (
            <Menu position="bottom-start" withinPortal>
              <Menu.Target>
                <Button size="compact-xs" variant="default" leftSection={<IconPlus size={12} />}>
                  Add behind it
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {appendable.map((drawable) => (
                  <Menu.Item
                    key={drawable.name}
                    leftSection={<span className={`bpmn-icon-${drawable.icon}`} aria-hidden />}
                    onClick={() => append(drawable)}
                  >
                    {drawable.name}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
          {goesOn && (
            <Menu position="bottom-start" withinPortal>
              <Menu.Target>
                <Button size="compact-xs" variant="default" disabled={targets.length === 0}>
                  Connect to
                </Button>
              </Menu.Target>
              <Menu.Dropdown mah={320} style={{ overflow: 'auto' }}>
                {targets.map((one) => (
                  <Menu.Item key={one.id} onClick={() => services.get('modeling').connect(picked, one)}>
                    {labelOf(one)}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
          <Button
            size="compact-xs"
            variant="default"
            color="red"
            leftSection={<IconTrash size={12} />}
            onClick={() => services.get('modeling').removeElements([picked])}
          >
            Remove
          </Button>
        </div>
      )}
    </div>
  );
}
