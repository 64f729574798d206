import { queryOptions } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import type { Page } from '../../api/shapes.ts';
import type { ApiKey } from '../my-account/shapes.ts';
import type { AmountLimit, Scope } from '../people/shapes.ts';

/** What the tenant asks of everyone who signs in. */
export interface Policy {
  secondFactor: 'optional' | 'required';
  version: number;
}

/** What an administrator says of an OpenID provider. */
export interface ProviderFacts {
  name: string;
  issuer: string;
  clientId: string;
  enabled: boolean;
  joins: boolean;
  /** What whoever joins is kept to; null: nobody has said. */
  joinScope: Scope | null;
  emailDomains: string[];
  roleClaim: string | null;
  roleMap: Record<string, string>;
}

/** An OpenID provider of the tenant. */
export interface Provider extends ProviderFacts {
  id: string;
  version: number;
}

/** A new or changed provider that waits for a second person. */
export interface WaitingProvider {
  id: string;
  happened: 'added' | 'changed';
  provider: ProviderFacts;
  /** As it is now; null where it is new. */
  before: Provider | null;
  secretChanged: boolean;
  askedBy: { id: string; name: string };
  askedAt: string;
}

/** A program that calls the API. */
export interface ServiceAccount {
  id: string;
  name: string;
  permissions: string[];
  scope: Scope;
  limits: AmountLimit[];
  /** What whoever joins through its directory is kept to; null: nobody has said. */
  joinScope: Scope | null;
  createdAt: string;
  disabled: boolean;
  version: number;
}

/** How members can prove who they are. */
export interface MemberFactors {
  personId: string;
  password: boolean;
  totp: boolean;
  passkeys: number;
  singleSignOn: boolean;
  liveSessions: number;
  lastSignedInAt: string | null;
  locked: boolean;
}

/** The sign-in policy. */
export const policyQuery = queryOptions({
  queryKey: ['sign-in', 'policy'],
  queryFn: ({ signal }) => request<Policy>('/sign-in-policy', { signal }),
});

/** The tenant's OpenID providers. */
export const providersQuery = queryOptions({
  queryKey: ['sign-in', 'providers'],
  queryFn: async ({ signal }) => (await request<Page<Provider>>('/single-sign-on', { signal })).items,
});

/** New and changed providers that wait for a second person. */
export const waitingProvidersQuery = queryOptions({
  queryKey: ['sign-in', 'providers', 'waiting'],
  queryFn: async ({ signal }) => (await request<Page<WaitingProvider>>('/single-sign-on/changes', { signal })).items,
});

/** Service accounts. */
export const accountsQuery = queryOptions({
  queryKey: ['sign-in', 'accounts'],
  queryFn: async ({ signal }) => (await request<Page<ServiceAccount>>('/service-accounts', { signal })).items,
});

/** The keys of a service account. */
export const accountKeysQuery = (id: string) =>
  queryOptions({
    queryKey: ['sign-in', 'accounts', id, 'keys'],
    queryFn: async ({ signal }) => (await request<Page<ApiKey>>(`/service-accounts/${id}/keys`, { signal })).items,
  });

/** Who has which factor. */
export const memberFactorsQuery = queryOptions({
  queryKey: ['sign-in', 'members'],
  queryFn: async ({ signal }) => (await request<Page<MemberFactors>>('/users/factors', { signal })).items,
});
