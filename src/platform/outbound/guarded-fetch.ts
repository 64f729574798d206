import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { isPublicAddress } from './addresses.ts';

/** A request that leaves the house was refused before or while it was made; the message may be shown. */
export class OutboundRefused extends Error {
  override name = 'OutboundRefused';
}

/** Where requests may go, and how much of an answer is read. */
export interface OutboundRules {
  /** Also plain HTTP and private addresses: development, or an address that the operator's own settings name. */
  allowPrivate: boolean;
  /** Default 10 s, over all redirects. */
  timeoutMs?: number;
  /** Default 4 MiB. */
  maxBytes?: number;
}

/** The only way out of the house over HTTP: the linter refuses other ways in `src`. */
export interface Outbound {
  /** As the platform's `fetch`, for GET and small bodies; throws {@link OutboundRefused}, or the network's own error. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
}

const defaultTimeoutMs = 10_000;
const defaultMaxBytes = 4 << 20;
const maxRedirects = 3;

/**
 * Requests to addresses that others gave us (OWASP, server-side request forgery): the name is resolved once, every address
 * that comes back must be public, and the connection goes to the address that was judged, so that a second answer of the name
 * server changes nothing. Redirects are judged like first addresses.
 */
export function makeOutbound(rules: OutboundRules): Outbound {
  return {
    fetch: async (url, init = {}) => {
      const signals = [AbortSignal.timeout(rules.timeoutMs ?? defaultTimeoutMs)];
      if (init.signal) signals.push(init.signal);
      const signal = AbortSignal.any(signals);
      let target = new URL(url);
      let { method = 'GET', body = null } = init;
      let headers = new Headers(init.headers);
      for (let hop = 0; hop <= maxRedirects; hop += 1) {
        const answer = await send(rules, target, { method, headers, body, signal });
        const location = answer.headers.get('location');
        if (init.redirect === 'manual' || answer.status < 300 || answer.status > 308 || !location) return answer;
        await answer.body?.cancel();
        const next = new URL(location, target);
        if (next.origin !== target.origin) headers = withoutSecrets(headers);
        // RFC 9110 § 15.4: only 307 and 308 send the body again.
        if (answer.status < 307 && method !== 'HEAD') [method, body] = ['GET', null];
        target = next;
      }
      throw new OutboundRefused(`${target.host} redirects too often.`);
    },
  };
}

interface Sent {
  method: string;
  headers: Headers;
  body: RequestInit['body'];
  signal: AbortSignal;
}

async function send(rules: OutboundRules, target: URL, sent: Sent): Promise<Response> {
  requireAddress(rules, target);
  const body =
    sent.body === null || sent.body === undefined ? null : Buffer.from(await new Response(sent.body).arrayBuffer());
  const headers = Object.fromEntries(sent.headers);
  if (sent.body instanceof URLSearchParams)
    headers['content-type'] ??= 'application/x-www-form-urlencoded;charset=UTF-8';
  if (body) headers['content-length'] = String(body.length);
  const options: RequestOptions = {
    method: sent.method,
    headers,
    signal: sent.signal,
    // A kept connection would skip the look-up, and with it the judgement.
    agent: false,
    lookup: (name, how, done) => lookUp(rules, name, how, done),
  };
  return new Promise<Response>((resolve, reject) => {
    const start = target.protocol === 'https:' ? requestHttps : requestHttp;
    const request = start(target, options, (incoming) => resolve(toResponse(incoming, rules)));
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

function requireAddress(rules: OutboundRules, target: URL): void {
  if (target.protocol !== 'https:' && !(rules.allowPrivate && target.protocol === 'http:')) {
    throw new OutboundRefused(`${target.origin} is not reached over TLS.`);
  }
  if (target.username || target.password) throw new OutboundRefused('The address holds a password.');
  const literal = target.hostname.replace(/^\[|\]$/g, '');
  // An address in figures is never looked up.
  if (isIP(literal) !== 0) requirePublic(rules, literal, literal);
}

function requirePublic(rules: OutboundRules, name: string, address: string): void {
  if (rules.allowPrivate || isPublicAddress(address)) return;
  throw new OutboundRefused(`${name} is not on the public internet.`);
}

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

function lookUp(rules: OutboundRules, name: string, how: LookupOptions, done: LookupDone): void {
  lookup(name, { ...how, all: true }, (error, found) => {
    if (error) return done(error, []);
    try {
      // One private address among public ones is reason enough: which of them is taken is not ours to choose.
      for (const { address } of found) requirePublic(rules, name, address);
    } catch (refused) {
      return done(refused as Error, []);
    }
    const [first] = found;
    if (!first) return done(new OutboundRefused(`${name} has no address.`), []);
    return how.all ? done(null, found) : done(null, first.address, first.family);
  });
}

function toResponse(incoming: IncomingMessage, rules: OutboundRules): Response {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const status = incoming.statusCode ?? 500;
  if ([101, 204, 205, 304].includes(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  const maxBytes = rules.maxBytes ?? defaultMaxBytes;
  const limited = incoming.iterator({ destroyOnReturn: true });
  const chunks = async function* () {
    let bytes = 0;
    for await (const chunk of limited as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new OutboundRefused(`The answer is longer than ${maxBytes} bytes.`);
      yield chunk;
    }
  };
  return new Response(Readable.toWeb(Readable.from(chunks())) as ReadableStream, { status, headers });
}

function withoutSecrets(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['authorization', 'cookie', 'proxy-authorization']) kept.delete(name);
  return kept;
}
