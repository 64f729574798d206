import { Button, Textarea } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { namesQuery } from '../api/queries.ts';
import { everyItem, request } from '../api/request.ts';
import { useMay } from '../api/session.ts';
import { instantText } from './format.ts';
import { Panel, Refusal, RowsLoading } from './screen.tsx';

/** What can be talked about. */
export type CommentSubject =
  | 'promotion'
  | 'deduction'
  | 'claim'
  | 'journal'
  | 'account_plan'
  | 'fund'
  | 'customer'
  | 'agreement'
  | 'product'
  | 'workflow_instance';

/** The author where no person said it: the product, which runs the processes. */
const ofProcess = '00000000-0000-0000-0000-000000000000';

interface Comment {
  id: string;
  text: string;
  authorId: string;
  at: string;
}

const commentsQuery = (subjectType: CommentSubject, subjectId: string) =>
  queryOptions({
    queryKey: ['comments', subjectType, subjectId],
    queryFn: ({ signal }) => everyItem<Comment>('/comments', { subjectType, subjectId }, signal),
  });

function Say({ subjectType, subjectId }: { subjectType: CommentSubject; subjectId: string }) {
  const client = useQueryClient();
  const [text, setText] = useState('');
  const say = useMutation({
    mutationFn: () => request('/comments', { method: 'POST', body: { subjectType, subjectId, text } }),
    onSuccess: async () => {
      setText('');
      await client.invalidateQueries({ queryKey: ['comments', subjectType, subjectId] });
    },
  });
  const send = () => {
    if (text.trim() && !say.isPending) say.mutate();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <form onSubmit={submit} className="stack" style={{ gap: 6 }}>
      {say.error && <Refusal error={say.error} />}
      <Textarea
        aria-label="Comment"
        placeholder="Say something; it stays as it was said"
        autosize
        minRows={1}
        maxRows={8}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) send();
        }}
      />
      <div className="row spread">
        <span className="t-faint t-sm">⌘ or Ctrl + Enter sends</span>
        <Button type="submit" variant="default" disabled={!text.trim()} loading={say.isPending}>
          Comment
        </Button>
      </div>
    </form>
  );
}

/** What people said about a thing, oldest first, and a place to answer. */
export function Comments({ subjectType, subjectId }: { subjectType: CommentSubject; subjectId: string }) {
  const may = useMay();
  const comments = useQuery(commentsQuery(subjectType, subjectId));
  const names = useQuery(namesQuery());
  const nameOf = (id: string) =>
    id === ofProcess ? 'A process' : (names.data?.items.find((person) => person.id === id)?.name ?? 'Somebody');
  return (
    <Panel title={comments.data?.length ? `Comments (${comments.data.length})` : 'Comments'}>
      <div className="panel-body stack" style={{ gap: 10 }}>
        {comments.error && <Refusal error={comments.error} retry={() => void comments.refetch()} />}
        {comments.isPending && <RowsLoading rows={2} />}
        {comments.data?.length === 0 && <span className="t-dim">Nobody has said anything yet.</span>}
        {comments.data?.map((comment) => (
          <div key={comment.id}>
            <div className="row t-sm" style={{ gap: 8 }}>
              <b>{nameOf(comment.authorId)}</b>
              <span className="t-faint num">{instantText(comment.at)}</span>
            </div>
            <div style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{comment.text}</div>
          </div>
        ))}
        {may('workflows:act') && <Say subjectType={subjectType} subjectId={subjectId} />}
      </div>
    </Panel>
  );
}
