import { FileInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';
import type { ProcessVersion } from './shapes.ts';

/** Takes a BPMN file, chosen or pasted, and keeps each of its processes as a draft; then shows the first. */
export function ImportProcess({ close, show }: { close(): void; show(id: string): void }) {
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState('');
  const send = async () => {
    const bpmn = file ? await file.text() : text;
    return request<{ items: ProcessVersion[] }>('/workflows/processes', { method: 'POST', body: { bpmn } });
  };
  return (
    <FormDialog
      title="Import BPMN"
      confirm="Import"
      size="lg"
      ready={file !== null || text.trim() !== ''}
      send={send}
      refresh={['workflow']}
      done={({ items }) => {
        const [first] = items;
        sayDone('Imported', items.map(({ title, version }) => `${title}, version ${version}`).join('; '));
        if (first) show(first.id);
      }}
      close={close}
    >
      <div className="t-dim">
        A file of BPMN 2.0 of any editor, up to 1 MiB. Each process in it becomes a draft; what is not executed is
        listed there, and nothing is in force until it is published.
      </div>
      <FileInput
        label="File"
        placeholder="Choose a .bpmn or .xml file"
        accept=".bpmn,.bpmn20.xml,.xml"
        clearable
        value={file}
        onChange={setFile}
      />
      <Textarea
        label="Or its text"
        placeholder="<bpmn:definitions …"
        minRows={4}
        maxRows={10}
        autosize
        spellCheck={false}
        disabled={file !== null}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
