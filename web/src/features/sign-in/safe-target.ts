/** A path of this application; anything else (another site) leads home. */
export function safeTarget(to: string | undefined): string {
  if (!to || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(to)) return '/';
  return /^\/(sign-in|signed-in|emergency)\b/.test(to) ? '/' : to;
}
