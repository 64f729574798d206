import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../../api/session.ts';
import { Tabbed } from '../../ui/tabbed.tsx';
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
  return (
    <Tabbed
      tabs={open}
      shown={search.tab}
      choose={(tab) => void navigate({ to: '/people', search: { tab }, replace: true })}
    />
  );
}
