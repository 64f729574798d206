import { Problem } from '#problem';
import { hashPassword, minPasswordLength } from './password.ts';

/** Hashes a password that a person chose; throws `request.malformed` for one that is too short or names its owner. */
export async function choosePassword(password: string, email: string): Promise<string> {
  const message = weakness(password, email);
  if (message) throw new Problem('request.malformed', { errors: [{ path: 'password', message }] });
  return hashPassword(password);
}

function weakness(password: string, email: string): string | undefined {
  if (password.length < minPasswordLength) return `must have ${minPasswordLength} characters or more`;
  if (new Set(password).size < 4) return 'must have more than a few different characters';
  if (password.toLowerCase() === email) return 'must not be the e-mail';
  return undefined;
}
