import { queryOptions } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type { ModelVersion } from './shapes.ts';

/** The fitted models. */
export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => request<Page<ModelVersion>>('/ml/models', { signal }),
  refetchInterval: (query) => (query.state.data?.items.some((model) => model.status === 'fitting') ? 2_000 : false),
});
