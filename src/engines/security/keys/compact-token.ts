/** As many characters of a token as are looked at; ours have some 400, a provider's seldom more than 4,000. */
const maxCharacters = 16_384;

/**
 * Whether `token` is a compact JWS or JWE (RFC 7515 § 7.1, RFC 7516 § 7.1) in the one spelling that the standard gives it:
 * base64url without padding, spaces or left-over bits. Decoders forgive more, and two spellings of one token slip past lists
 * of spent tokens.
 */
export function isCompactToken(token: string): boolean {
  if (token.length > maxCharacters) return false;
  const parts = token.split('.');
  if (parts.length !== 3 && parts.length !== 5) return false;
  return parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
