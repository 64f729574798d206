import type { FastifyRequest } from 'fastify';

/** Two years, as browsers' preload lists ask (RFC 6797). */
const hstsSeconds = 63_072_000;

/**
 * What every answer tells a browser (OWASP Secure Headers): nothing is sniffed, framed, shared with other origins or told to
 * them, and answers of the API run nothing. The page sets a content security policy of its own.
 */
export function securityHeaders(request: FastifyRequest): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ...(/^\/(api|scim)\//.test(request.url) ? { 'cache-control': 'no-store' } : {}),
    ...(request.protocol === 'https'
      ? { 'strict-transport-security': `max-age=${hstsSeconds}; includeSubDomains` }
      : {}),
  };
}
