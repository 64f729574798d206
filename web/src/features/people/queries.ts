import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Matrix, Member, Review, Rights, VersionedRole } from './shapes.ts';

/** The people of the tenant with what they are kept to. */
export const membersQuery = queryOptions({
  queryKey: ['people', 'members'],
  queryFn: ({ signal }) => everyItem<Member>('/users', {}, signal),
});

/** The predefined roles and the tenant's own. */
export const allRolesQuery = queryOptions({
  queryKey: ['roles', 'versioned'],
  queryFn: async ({ signal }) => (await request<{ items: VersionedRole[] }>('/roles', { signal })).items,
});

/** The permissions over the roles. */
export const matrixQuery = queryOptions({
  queryKey: ['roles', 'matrix'],
  queryFn: ({ signal }) => request<Matrix>('/compliance/permission-matrix', { signal }),
});

/** Who had which rights at the end of a day; today where none is named. */
export const reviewQuery = (on: string | undefined) =>
  queryOptions({
    queryKey: ['people', 'review', on ?? ''],
    queryFn: ({ signal }) => request<Review>(`/compliance/access-review${queryString({ on })}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** What became of one person's rights. */
export const rightsHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['people', 'rights', id],
    queryFn: async ({ signal }) =>
      (await request<{ items: Rights[] }>(`/compliance/access-review/people/${id}`, { signal })).items,
  });
