import { Modal, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Fragment, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { StateBadge } from '../../ui/state-badge.tsx';
import { useFound } from './found.ts';

/** Search over everything, opened with ⌘K. */
export function Palette({ opened, close }: { opened: boolean; close(): void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const { found, searching } = useFound(opened ? text : '');
  const chosen = Math.min(at, found.length - 1);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelectorAll('[role="option"]')[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const done = () => {
    setText('');
    setAt(0);
    close();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter' && found[chosen]) {
      found[chosen].open();
      done();
    } else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened={opened}
      onClose={done}
      withCloseButton={false}
      centered={false}
      yOffset="12vh"
      size="lg"
      padding={8}
      transitionProps={{ duration: 0 }}
    >
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        leftSection={<IconSearch size={16} />}
        placeholder="Search promotions, customers, products, funds, deductions, claims, screens"
        aria-label="Search"
        role="combobox"
        aria-expanded
        aria-controls="found"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={keys}
      />
      <div ref={list} id="found" role="listbox" aria-label="Found" style={{ height: 380, overflow: 'auto' }}>
        {found.map((each, index) => (
          <Fragment key={each.key}>
            {each.group !== found[index - 1]?.group && (
              <div className="palette-group" role="presentation">
                {each.group}
              </div>
            )}
            <button
              type="button"
              role="option"
              tabIndex={-1}
              className="palette-item"
              aria-selected={index === chosen}
              onMouseMove={() => setAt(index)}
              onClick={() => {
                each.open();
                done();
              }}
            >
              <span className="grow cut">{each.label}</span>
              {each.state && <StateBadge state={each.state} />}
            </button>
          </Fragment>
        ))}
        {found.length === 0 && (
          <div className="empty">
            {searching ? 'Searching…' : 'Nothing found. Try a code, a name or a customer’s reference.'}
          </div>
        )}
      </div>
    </Modal>
  );
}
