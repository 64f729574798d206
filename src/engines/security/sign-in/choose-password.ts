import { dictionary } from '@zxcvbn-ts/language-common';
import { Problem } from '#problem';
import { hashPassword, minPasswordLength } from './password.ts';

/** Hashes a password that a person chose; throws `request.malformed` for one that is too short, common or names its owner. */
export async function choosePassword(password: string, email: string): Promise<string> {
  const message = weaknessOf(password, email);
  if (message) throw new Problem('request.malformed', { errors: [{ path: 'password', message }] });
  return hashPassword(password);
}

/** What is wrong with a password that its owner chose, or undefined: length and being guessable, never its composition. */
export function weaknessOf(password: string, email: string): string | undefined {
  if (password.length < minPasswordLength) return `must have ${minPasswordLength} characters or more`;
  if (new Set(password).size < 4) return 'must have more than a few different characters';
  const lower = password.toLowerCase();
  if (lower === email) return 'must not be the e-mail';
  if (isCommon(lower)) return 'is among the passwords that are tried first: choose another one';
  return undefined;
}

/** Fewer letters than these are common by chance. */
const leastCore = 4;
/** So many digits and signs around a common word leave it as easy to guess. */
const mostAround = 6;

/** Whether a password, or what is left of it without digits and signs at its ends, is among those that leaked most often. */
function isCommon(lower: string): boolean {
  const core = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const bare = core.length >= leastCore && lower.length - core.length <= mostAround ? core : lower;
  return commonPasswords().has(lower) || commonPasswords().has(bare);
}

let common: ReadonlySet<string> | undefined;

/** The 49,000 passwords that published leaks hold most often; read when the first password is chosen. */
function commonPasswords(): ReadonlySet<string> {
  common ??= new Set(dictionary['passwords-common']?.map(String));
  return common;
}
