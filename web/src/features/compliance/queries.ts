import { queryOptions } from '@tanstack/react-query';
import { everyItem, queryString, request } from '../../api/request.ts';
import type { Control, Evidence, Finding, Framework, FrameworkStanding } from './shapes.ts';

/** How each framework stands. */
export const frameworksQuery = queryOptions({
  queryKey: ['compliance', 'frameworks'],
  queryFn: ({ signal }) => request<{ items: FrameworkStanding[] }>('/compliance/frameworks', { signal }),
});

/** The controls of a framework. */
export const controlsQuery = (framework: Framework) =>
  queryOptions({
    queryKey: ['compliance', 'controls', framework],
    queryFn: ({ signal }) =>
      request<{ items: Control[] }>(`/compliance/controls${queryString({ framework })}`, { signal }),
  });

/** The findings of a framework, open or closed. */
export const findingsQuery = (framework: Framework, state: 'open' | 'closed') =>
  queryOptions({
    queryKey: ['compliance', 'findings', framework, state],
    queryFn: ({ signal }) => everyItem<Finding>('/compliance/findings', { framework, state }, signal),
  });

/** Every look at a control, newest first. */
export const evidenceQuery = (code: string) =>
  queryOptions({
    queryKey: ['compliance', 'evidence', code],
    queryFn: ({ signal }) => request<{ items: Evidence[] }>(`/compliance/controls/${code}/evidence`, { signal }),
  });
