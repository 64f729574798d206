import { Problem, type ProblemBody } from './problem.ts';
import type { SignedIn, User } from './shapes.ts';
import { signInHint } from './sign-in-hint.ts';

const base = '/api/v1';

let accessToken: string | null = null;
let renewAt = Number.POSITIVE_INFINITY;
let refreshing: Promise<User | null> | null = null;
const endListeners = new Set<() => void>();
const renewalListeners = new Set<(token: string) => void>();

/** The part of a token's life after which it is renewed without waiting for a refusal. */
const renewAfterShare = 0.75;

/** The bearer token of the sign-in, or null; it lives in memory only. */
export function bearer(): string | null {
  return accessToken;
}

/** Calls `listener` when the sign-in has ended and cannot be renewed; returns the way to stop. */
export function onSignInEnded(listener: () => void): () => void {
  endListeners.add(listener);
  return () => endListeners.delete(listener);
}

/** Calls `listener` with each new bearer token of the sign-in; returns the way to stop. */
export function onRenewed(listener: (token: string) => void): () => void {
  renewalListeners.add(listener);
  return () => renewalListeners.delete(listener);
}

function keep(answer: SignedIn): User {
  accessToken = answer.accessToken;
  renewAt = Date.now() + answer.expiresInS * 1_000 * renewAfterShare;
  signInHint.put();
  for (const listener of renewalListeners) listener(answer.accessToken);
  return answer.user;
}

function forget(): void {
  accessToken = null;
  renewAt = Number.POSITIVE_INFINITY;
  signInHint.remove();
}

interface Options {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  /** The version this write rests on. */
  ifMatch?: number;
  signal?: AbortSignal;
  /** Sends the key of an earlier attempt again, so that a repeated write happens once. */
  idempotencyKey?: string;
  /** A POST that stores nothing and so needs no key. */
  storesNothing?: boolean;
  form?: FormData;
}

async function send(path: string, options: Options): Promise<Response> {
  const method = options.method ?? 'GET';
  const headers: Record<string, string> = { accept: 'application/json' };
  if (accessToken) headers.authorization = `Bearer ${accessToken}`;
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.idempotencyKey) headers['idempotency-key'] = options.idempotencyKey;
  if (options.ifMatch !== undefined) headers['if-match'] = `"${options.ifMatch}"`;
  try {
    return await fetch(base + path, {
      method,
      headers,
      body: options.form ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      signal: options.signal ?? null,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem({ title: 'The server cannot be reached', status: 0, code: 'network' });
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const body: Partial<ProblemBody> = await response.json().catch(() => ({}));
  return new Problem({
    title: body.title ?? `The server answered ${response.status}`,
    status: response.status,
    code: body.code ?? (response.status >= 500 ? 'internal' : 'unknown'),
    ...(body.detail ? { detail: body.detail } : {}),
    ...(body.requestId ? { requestId: body.requestId } : {}),
    ...(body.errors ? { errors: body.errors } : {}),
    ...(body.challenge ? { challenge: body.challenge } : {}),
    ...(body.methods ? { methods: body.methods } : {}),
    ...(body.demand ? { demand: body.demand } : {}),
  });
}

async function answered(path: string, options: Options): Promise<Response> {
  const writes = options.method && options.method !== 'GET' && !options.form && !options.storesNothing;
  const stable = writes ? { idempotencyKey: crypto.randomUUID(), ...options } : options;
  let response = await send(path, stable);
  if (response.status === 401 && accessToken) {
    if (await refresh()) response = await send(path, stable);
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.code !== 'auth.proof_required' || !(await proofAsker(problem))) throw problem;
  // What was refused did nothing: it is sent again now that the person has proved who they are.
  response = await send(path, stable);
  if (!response.ok) throw await problemOf(response);
  return response;
}

let proofAsker: (problem: Problem) => Promise<boolean> = async () => false;

/** Says who asks the person for a proof of who they are; answers whether they gave it. */
export function askForProofWith(ask: (problem: Problem) => Promise<boolean>): void {
  proofAsker = ask;
}

/** Fetches a file below `/api/v1` and hands it to the person under the name that the server gives; throws {@link Problem}. */
export async function saveFile(path: string, options: Options = {}): Promise<void> {
  const response = await answered(path, options);
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name ?? 'download';
  link.click();
  URL.revokeObjectURL(link.href);
}

/** One call of the API below `/api/v1`; throws {@link Problem}. Renews the sign-in once on 401. */
export async function request<Answer>(path: string, options: Options = {}): Promise<Answer> {
  const response = await answered(path, options);
  if (response.status === 204) return undefined as Answer;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Answer;
}

/** Signs in; the answer's user is also kept as the current one. */
export async function signIn(email: string, password: string): Promise<User> {
  accessToken = null;
  return signInBy('/auth/login', { email, password });
}

/** Any way to sign in that answers a session; the answer's user is also kept as the current one. */
export async function signInBy(path: string, body: unknown): Promise<User> {
  return keep(await request<SignedIn>(path, { method: 'POST', body, storesNothing: true }));
}

/**
 * Renews the sign-in from the refresh cookie; null where there is none or it has ended. Throws {@link Problem} where the
 * server did not say which. Calls at once share one request.
 */
export function refresh(): Promise<User | null> {
  refreshing ??= (async () => {
    try {
      const response = await send('/auth/refresh', { method: 'POST' });
      if (response.status === 401 || response.status === 403) {
        const ended = accessToken !== null;
        forget();
        if (ended) for (const listener of endListeners) listener();
        return null;
      }
      if (!response.ok) throw await problemOf(response);
      return keep((await response.json()) as SignedIn);
    } finally {
      refreshing = null;
    }
  })();
  return refreshing;
}

/** Renews the sign-in when most of the token's life is over, so that an open socket never meets its end. */
export async function refreshWhenDue(): Promise<void> {
  if (Date.now() < renewAt) return;
  // A renewal that fails for now is due again at the next call.
  await refresh().catch(() => null);
}

/** Ends the sign-in here and on the server. */
export async function signOut(): Promise<void> {
  await send('/auth/logout', { method: 'POST' }).catch(() => undefined);
  forget();
}

/** The query string of the members that are set. */
export function queryString(members: Record<string, string | number | boolean | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** Every item of a list, page by page (at most `maxPages` pages of 200). */
export async function everyItem<Item>(
  path: string,
  members: Record<string, string | number | boolean | null | undefined> = {},
  signal?: AbortSignal,
  maxPages = 25,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < maxPages; page += 1) {
    const answer: { items: Item[]; nextCursor?: string | null } = await request(
      path + queryString({ ...members, limit: 200, cursor }),
      signal ? { signal } : {},
    );
    items.push(...answer.items);
    cursor = answer.nextCursor ?? null;
    if (!cursor) break;
  }
  return items;
}
