import { useQuery } from '@tanstack/react-query';
import { rolesQuery } from '../../api/queries.ts';
import { wordsOf } from '../../ui/format.ts';

/** Names of roles by their codes; the code in words for a role that is no more. */
export function useRoleNames(): (code: string) => string {
  const roles = useQuery(rolesQuery);
  const names = new Map(roles.data?.items.map(({ code, name }) => [code, name]));
  return (code) => names.get(code) ?? wordsOf(code);
}
