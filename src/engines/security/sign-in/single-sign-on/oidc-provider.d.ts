// The provider that tests sign in at brings no types; this is what they use of it.
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    callback(): RequestListener;
    interactionDetails(request: unknown, response: unknown): Promise<{ prompt: { name: string } }>;
    interactionFinished(request: unknown, response: unknown, result: Record<string, unknown>): Promise<void>;
    Grant: new (of: {
      accountId: string;
      clientId: string;
    }) => {
      addOIDCScope(scope: string): void;
      save(): Promise<string>;
    };
  }
}
