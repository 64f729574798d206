import { Button, FileButton } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request, saveFile } from '../../api/request.ts';
import type { Task } from '../../api/shapes.ts';
import { instantText } from '../../ui/format.ts';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { usePersonNames } from '../absences/use-person-names.ts';

interface TaskPaper {
  id: string;
  fileName: string;
  attachedBy: string;
  attachedAt: string;
}

const papersQuery = (taskId: string) =>
  queryOptions({
    queryKey: ['task-papers', taskId],
    queryFn: async ({ signal }) =>
      (await request<{ items: TaskPaper[] }>(`/tasks/${taskId}/attachments`, { signal })).items,
  });

/** Papers beside a task, those of the steps before it too, and a way to add one. */
export function Papers({ task, open }: { task: Task; open: boolean }) {
  const client = useQueryClient();
  const nameOf = usePersonNames();
  const papers = useQuery(papersQuery(task.id));
  const attach = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set('file', file);
      return request(`/tasks/${task.id}/attachments`, { method: 'POST', form });
    },
    onSuccess: (_answer, file) => {
      sayDone('Attached', file.name);
      void client.invalidateQueries({ queryKey: ['task-papers'] });
    },
    onError: sayRefused,
  });
  return (
    <Panel
      title={papers.data?.length ? `Papers (${papers.data.length})` : 'Papers'}
      aside={
        <FileButton
          onChange={(file) => file && attach.mutate(file)}
          accept="application/pdf,image/png,image/jpeg,text/csv"
          inputProps={{ 'aria-label': 'Paper: PDF, PNG, JPEG or CSV, at most 10 MiB' }}
        >
          {(props) => (
            <Button {...props} variant="default" size="compact-sm" disabled={!open} loading={attach.isPending}>
              Attach
            </Button>
          )}
        </FileButton>
      }
    >
      {papers.error && <Refusal error={papers.error} retry={() => void papers.refetch()} />}
      {papers.data?.length === 0 && (
        <div className="notice t-dim">Nothing is attached. PDF, PNG, JPEG or CSV, at most 10 MiB.</div>
      )}
      {papers.data?.map((paper) => (
        <div key={paper.id} className="notice">
          <IconPaperclip size={14} aria-hidden="true" />
          <button
            type="button"
            className="plain cut grow"
            onClick={() => void saveFile(`/tasks/${task.id}/attachments/${paper.id}`).catch(sayRefused)}
          >
            {paper.fileName}
          </button>
          <span className="t-dim t-sm">
            {nameOf(paper.attachedBy)} · {instantText(paper.attachedAt)}
          </span>
        </div>
      ))}
    </Panel>
  );
}
