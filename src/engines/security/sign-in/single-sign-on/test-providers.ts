import { createHash, randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import Provider from 'oidc-provider';

/** What both providers know us by. */
export const clientId = 'tradeai';
export const clientSecret = 'a-client-secret-of-the-tests';
const redirectUri = 'http://localhost:3000/api/v1/auth/single-sign-on/callback';

async function listen(t: TestContext, listener: RequestListener): Promise<{ server: Server; issuer: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A certified OpenID provider on loopback whose one account is signed in without asking. */
export async function realProvider(
  t: TestContext,
  account: { sub: string } & Record<string, unknown>,
): Promise<string> {
  let answer: RequestListener = () => undefined;
  const { issuer } = await listen(t, (request, response) => answer(request, response));
  const keys = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...(await exportJWK(keys.privateKey)), use: 'sig', alg: 'RS256', kid: 'k' }] },
    cookies: { keys: ['a-cookie-key-of-the-tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => account }),
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    loadExistingGrant: async () => {
      const grant = new provider.Grant({ accountId: account.sub, clientId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const standard = provider.callback();
  answer = (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return standard(request, response);
    void provider.interactionFinished(request, response, { login: { accountId: account.sub } });
  };
  return issuer;
}

/** Follows a browser's way through a provider on loopback, to where it is sent back to us: the query of the callback. */
export async function walkThrough(url: string): Promise<string> {
  const cookies = new Map<string, string>();
  let at = url;
  for (let hops = 0; hops < 10; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (!location) throw new Error(`the provider answered ${response.status} ${await response.text()}`);
    const next = new URL(location, at);
    if (next.href.startsWith(redirectUri)) return next.search;
    at = next.href;
  }
  throw new Error('the provider sends in circles');
}

/** What a dishonest or broken provider does differently. */
export interface Mischief {
  /** Claims of the ID token that differ from the honest ones; undefined leaves one out. */
  claims?: JWTPayload & Record<string, unknown>;
  /** Signs with a key that it does not publish. */
  foreignKey?: boolean;
  /** What discovery says that the issuer is. */
  discovered?: string;
  /** Discovery fails. */
  down?: boolean;
}

/** A provider on loopback that does what a test tells it; honest by default. */
export async function looseProvider(t: TestContext) {
  const [published, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(published.publicKey)), use: 'sig', alg: 'RS256', kid: 'k' };
  const codes = new Map<string, { nonce: string; challenge: string }>();
  const house: { mischief: Mischief; account: Record<string, unknown>; discoveries: number } = {
    ...{ mischief: {}, account: {} },
    discoveries: 0,
  };
  const { issuer } = await listen(t, async (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration') {
      house.discoveries += 1;
      if (house.mischief.down) return json(503, {});
      return json(200, {
        issuer: house.mischief.discovered ?? issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    }
    if (url.pathname === '/jwks') return json(200, { keys: [jwk] });
    let form = '';
    for await (const chunk of request) form += chunk;
    const sent = new URLSearchParams(form);
    const known = codes.get(sent.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(sent.get('code_verifier') ?? '')
      .digest('base64url');
    codes.delete(sent.get('code') ?? '');
    if (!known || known.challenge !== verifier) return json(400, { error: 'invalid_grant' });
    const nowS = Math.floor(Date.now() / 1_000);
    const honest = { iss: issuer, aud: clientId, sub: 'subject-1', iat: nowS, exp: nowS + 300, nonce: known.nonce };
    const claims = { ...honest, ...house.account, ...house.mischief.claims };
    const key = house.mischief.foreignKey ? foreign.privateKey : published.privateKey;
    const token = await new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key);
    return json(200, { access_token: randomUUID(), token_type: 'Bearer', id_token: token });
  });
  return Object.assign(house, {
    issuer,
    /** The provider signs the person in and sends them back: the query of our callback. */
    approve: (url: string): string => {
      const asked = new URL(url).searchParams;
      const code = randomUUID();
      codes.set(code, { nonce: asked.get('nonce') ?? '', challenge: asked.get('code_challenge') ?? '' });
      return `?${new URLSearchParams({ code, state: asked.get('state') ?? '' })}`;
    },
  });
}
