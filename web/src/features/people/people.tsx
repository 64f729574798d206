import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../../api/session.ts';
import { AccessReview } from './access-review.tsx';
import { MatrixView } from './matrix.tsx';
import { Members } from './members.tsx';
import { Roles } from './roles.tsx';

const tabs = [
  { value: 'people', label: 'People', needs: 'users:manage', View: Members },
  { value: 'roles', label: 'Roles', needs: 'users:manage', View: Roles },
  { value: 'matrix', label: 'Matrix', needs: 'audit:read', View: MatrixView },
  { value: 'review', label: 'Access review', needs: 'audit:read', View: AccessReview },
] as const;

/** Who is there, what roles permit, and who had which rights when. */
export function People() {
  const search = useSearch({ from: '/app/people' });
  const navigate = useNavigate();
  const may = useMay();
  const open = tabs.filter(({ needs }) => may(needs));
  const shown = open.find(({ value }) => value === search.tab) ?? open[0];
  if (!shown) return null;
  const head = (
    <SegmentedControl
      size="xs"
      aria-label="What to look at"
      data={open.map(({ value, label }) => ({ value, label }))}
      value={shown.value}
      onChange={(tab) => void navigate({ to: '/people', search: { tab }, replace: true })}
    />
  );
  return <shown.View head={head} />;
}
