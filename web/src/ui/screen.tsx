import { Alert, Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { adviceFor, asProblem } from '../api/problem.ts';

/** A screen: a fixed head with title and actions, and a body that scrolls. */
export function Screen({
  title,
  sub,
  actions,
  children,
  flush,
}: {
  title: ReactNode;
  sub?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}) {
  return (
    <section className="screen">
      <header className="screen-head">
        <div className="screen-title">
          <h1>{title}</h1>
          {sub && <div className="screen-sub">{sub}</div>}
        </div>
        <div className="screen-actions">{actions}</div>
      </header>
      <div className={flush ? 'screen-body flush' : 'screen-body'}>{children}</div>
    </section>
  );
}

/** A titled box. */
export function Panel({
  title,
  aside,
  children,
  className,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <div className={className ? `panel ${className}` : 'panel'}>
      {title && (
        <div className="panel-head">
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </div>
  );
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children && <div>{children}</div>}
    </div>
  );
}

/** A refusal with what to do next. */
export function Refusal({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = asProblem(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={16} />} title={problem.title} p="sm" radius="sm">
      {problem.detail && problem.detail !== problem.title && <div>{problem.detail}</div>}
      {problem.errors.length > 0 && (
        <ul className="problem-errors">
          {problem.errors.map((each) => (
            <li key={each.path + each.message}>
              <code>{each.path}</code> {each.message}
            </li>
          ))}
        </ul>
      )}
      <div className="t-dim">{adviceFor(problem)}</div>
      {retry && (
        <Button variant="default" mt={8} onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

const skeletonKeys = Array.from({ length: 30 }, (_, index) => `row-${index}`);

/** Rows that stand in for a list while it loads, in the height of the rows to come. */
export function RowsLoading({ rows = 8, heightPx = 34 }: { rows?: number; heightPx?: number }) {
  return (
    <div aria-busy="true">
      {skeletonKeys.slice(0, rows).map((key) => (
        <div key={key} style={{ height: heightPx, display: 'flex', alignItems: 'center', padding: '0 12px' }}>
          <Skeleton height={10} radius="sm" />
        </div>
      ))}
    </div>
  );
}
