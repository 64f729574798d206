import type { ReactNode } from 'react';

/** An entry of a list beside its detail. Its title picks it and lies over the whole entry, under the figures in it. */
export function ListItem({
  title,
  aside,
  current,
  pick,
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  current: boolean;
  pick(): void;
  children?: ReactNode;
}) {
  return (
    <div className="item" aria-current={current}>
      <div className="row spread">
        <button type="button" className="plain title cut pick" onClick={pick}>
          {title}
        </button>
        {aside}
      </div>
      {children}
    </div>
  );
}
