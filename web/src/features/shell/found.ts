import { useDebouncedValue } from '@mantine/hooks';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { queryString, request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { wordsOf } from '../../ui/format.ts';
import { isOpenTo, places } from './places.ts';

/** Something that the search found, and the way to it. */
export interface Found {
  key: string;
  /** What stands above its kind in the list. */
  group: string;
  label: string;
  state?: string | undefined;
  open(): void;
}

interface SearchAnswer {
  groups: { type: string; items: { id: string; code: string; name: string; state: string | null }[] }[];
}

const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: ({ signal }) => request<SearchAnswer>(`/search${queryString({ q })}`, { signal }),
    staleTime: 30_000,
  });

const typingPauseMs = 120;
/** One letter is in everything. */
const fewestLetters = 2;

const groupNames: Record<string, string> = {
  account_plan: 'Account plans',
  agreement: 'Terms and agreements',
  claim: 'Claims',
  customer: 'Customers',
  deduction: 'Deductions',
  fund: 'Funds',
  product: 'Products',
  promotion: 'Promotions',
};

/** Where things of a kind are looked at. */
function useWays(): Record<string, (id: string) => void> {
  const navigate = useNavigate();
  return {
    promotion: (id) => void navigate({ to: '/promotions/$id', params: { id } }),
    customer: (id) => void navigate({ to: '/master-data', search: { part: 'customers', row: id } }),
    product: (id) => void navigate({ to: '/master-data', search: { part: 'products', row: id } }),
    agreement: (id) => void navigate({ to: '/terms', search: { agreement: id } }),
    account_plan: (id) => void navigate({ to: '/account-plans', search: { plan: id } }),
    deduction: (id) => void navigate({ to: '/deductions', search: { item: id } }),
    claim: (id) => void navigate({ to: '/claims', search: { item: id } }),
    fund: (id) => void navigate({ to: '/funds', search: { fund: id } }),
  };
}

/** Screens, actions and everything with a code or a name that holds `text`, by kind; and whether more is on its way. */
export function useFound(text: string): { found: Found[]; searching: boolean } {
  const may = useMay();
  const user = useUser();
  const navigate = useNavigate();
  const ways = useWays();
  const low = text.trim().toLowerCase();
  const [search] = useDebouncedValue(text.trim(), typingPauseMs);
  const enough = search.length >= fewestLetters;
  const answer = useQuery({ ...searchQuery(search), enabled: enough, placeholderData: (before) => before });
  const found: Found[] = places
    .filter((place) => isOpenTo(place, user) && place.label.toLowerCase().includes(low))
    .map((place) => ({
      ...{ key: place.to, group: 'Screens', label: place.label },
      open: () => void navigate({ to: place.to }),
    }));
  if (may('promotions:create') && 'new promotion'.includes(low)) {
    const open = () => void navigate({ to: '/promotions/new' });
    found.push({ key: 'new', group: 'Actions', label: 'New promotion', open });
  }
  if (low.length < fewestLetters) return { found, searching: false };
  for (const { type, items } of answer.data?.groups ?? []) {
    const way = ways[type];
    if (!way) continue;
    for (const { id, code, name, state } of items) {
      const label = name ? `${code} ${name}` : code;
      const group = groupNames[type] ?? wordsOf(type);
      found.push({ key: `${type} ${id}`, group, label, state: state ?? undefined, open: () => way(id) });
    }
  }
  return { found, searching: answer.isFetching || search !== text.trim() };
}
