import { useQuery } from '@tanstack/react-query';
import { namesQuery } from '../../api/queries.ts';

/** Names of people by id. */
export function usePersonNames(): (id: string) => string {
  const people = useQuery(namesQuery());
  return (id) => people.data?.items.find((one) => one.id === id)?.name ?? 'somebody who has left';
}
