import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser';
import { Problem } from '../../api/problem.ts';
import { request } from '../../api/request.ts';

/** A question to the authenticator, with our token for its answer. */
interface Question<Options> {
  challenge: string;
  options: Options;
}

type RegistrationOptions = Parameters<typeof startRegistration>[0]['optionsJSON'];
type AuthenticationOptions = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** Why the browser or the authenticator would not: told like any other refusal. */
function asProblem(error: unknown): never {
  if (!(error instanceof Error) || error instanceof Problem) throw error;
  const known = error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED';
  const detail = known
    ? 'This device holds a passkey of yours already.'
    : 'The passkey was not used: it was called off, took too long, or this device has none for this address.';
  throw new Problem({ title: 'No passkey', detail, status: 0, code: 'passkey' });
}

/** Asks the browser for a passkey, by a question from `path`; answers what the server checks. */
export async function showPasskey(path: string): Promise<{ challenge: string; response: unknown }> {
  const { challenge, options } = await request<Question<AuthenticationOptions>>(path, {
    method: 'POST',
    storesNothing: true,
  });
  const response = await startAuthentication({ optionsJSON: options }).catch(asProblem);
  return { challenge, response };
}

/** Has the browser make a passkey and keeps it under a name; answers recovery codes where it is the first factor. */
export async function makePasskey(name: string): Promise<string[] | null> {
  const { challenge, options } = await request<Question<RegistrationOptions>>('/auth/passkeys/options', {
    method: 'POST',
    storesNothing: true,
  });
  const response = await startRegistration({ optionsJSON: options }).catch(asProblem);
  const answer = await request<{ recoveryCodes: string[] | null }>('/auth/passkeys', {
    method: 'POST',
    body: { challenge, name, response },
  });
  return answer.recoveryCodes;
}
