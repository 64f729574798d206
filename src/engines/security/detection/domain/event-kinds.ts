/**
 * What operational security events there are: a closed list, so that rules and the people who read alerts can rely on
 * it. A kind says what happened; the outcome whether it came about.
 */
export const eventKinds = {
  // Signing in. `detail.factor`: password, passkey, oidc, totp, recovery_code, link. `detail.reason` on a refusal.
  'sign_in.password': 'A password was given',
  'sign_in.second_factor': 'A second factor was given',
  'sign_in.succeeded': 'A session was opened',
  'sign_in.throttled': 'An attempt was refused because there were too many',
  // Sessions and tokens.
  'session.moved': 'A session went on from another network or device',
  'session.ended': 'A session was ended',
  'token.reused': 'A spent refresh token came again',
  'step_up.passed': 'Somebody proved again who they are',
  // What proves who somebody is.
  'password.changed': 'A password was changed',
  'password.reset_requested': 'A link to choose a new password was asked for',
  'factor.added': 'A second factor or passkey was added',
  'factor.removed': 'A second factor or passkey was removed',
  'email.changed': 'The e-mail of a person was changed',
  // Service accounts. `subject` is the key; `detail.permission` what was asked for.
  'key.created': 'An API key was made',
  'key.used': 'An API key was used: once per key, network and hour',
  'key.refused': 'An API key that is unknown, expired or quarantined was used',
  'key.revoked': 'An API key was revoked',
  // `detail.keys` which keys were turned over, `detail.count` and `detail.places` what did not open.
  'key.damaged': 'Something sealed did not open while keys were turned over',
  // Rights. `subject` is the person they were given to or taken from; `detail.permissions` those that are new.
  'right.granted': 'Rights were given to a person',
  'right.revoked': 'Rights were taken from a person',
  'limit.raised': 'A personal limit was raised',
  'access.refused': 'Something was refused for want of a permission',
  'duty.excepted': 'An exception from the separation of duties was used',
  // `detail.taken` roles that were taken back, `detail.both` whether the person can still do both,
  // `detail.goesOn` whether another one is in force.
  'duty.exception_ended': 'An exception from the separation of duties is over',
  // `detail.keys` those of programs that they have read and that still work.
  'person.disabled': 'A person lost access',
  'person.enabled': 'A person got access (again)',
  // `subject` the provider; `detail.happened` `added` or `changed`, or `asked to be` so.
  'provider.changed': 'A sign-in provider was set up or changed',
  'break_glass.used': 'Emergency access was used',
  // Data that leaves. `detail.rows` how many, `detail.what` of which kind.
  'data.exported': 'Data were exported',
  // What modules declare as watched (Module.watched): `subject` is the record.
  'act.made': 'A record that needs a decision was made or changed',
  'act.approved': 'A record was approved',
  'act.settled': 'Money was settled, paid or written off',
  'act.rerouted': 'It was changed where money goes',
  // The audit trail. `detail.doubt` which kind of doubt, `detail.because` in a sentence.
  'trail.doubted': 'The audit trail cannot be trusted as it stands',
  // What detection itself did.
  'remedy.taken': 'A remedy was taken',
  'remedy.undone': 'A remedy was undone',
} as const;

/** A kind of {@link eventKinds}. */
export type EventKind = keyof typeof eventKinds;
/** Whether it came about. */
export type EventOutcome = 'succeeded' | 'refused';
