import type { PersonalData } from '#module';

const account = {
  purpose: 'Accounts: letting people in and telling colleagues who did what',
  basis: 'contract',
  retention: 'as long as the account, and until its erasure',
} as const;
const signIn = {
  purpose: 'Signing in: proving who somebody is, and keeping others out',
  basis: 'legitimate interest',
} as const;
const trail = {
  purpose: 'The audit trail: who changed what, when and why',
  basis: 'legal obligation',
  retention: '7 years for the business, 90 days for signing in, 12 months for card data; longer under a legal hold',
} as const;
const rights = {
  purpose: 'Rights: who may do what, and who could at any past moment',
  basis: 'legal obligation',
  retention: '7 years after the membership ended',
} as const;
const watch = {
  purpose: 'Watching for attacks on accounts',
  basis: 'legitimate interest',
} as const;
const privacy = {
  purpose: 'Requests of data subjects, consents and breaches',
  basis: 'legal obligation',
  retention: '3 years after the decision',
} as const;

/** What the security engine itself holds about people. */
export const securityData: readonly PersonalData[] = [
  {
    ...account,
    ...{ table: 'identity.person', person: 'id', global: true, provided: true, erasure: 'key destroyed' },
    because: 'the row ties what a person did to an id',
    columns: {
      name_sealed: 'name',
      email_sealed: 'e-mail',
      email_index: 'keyed fingerprint of the e-mail, by which it is found',
      created_at: 'when the account was made',
      name: 'name, in rows of releases before 0.2 until the next start',
      email: 'e-mail, in rows of releases before 0.2 until the next start',
    },
  },
  {
    ...account,
    ...{ table: 'identity.one_time_link', person: 'person_id', global: true, erasure: 'deleted' },
    retention: 'invitations 7 days, resets 1 hour; gone 30 days later',
    columns: {
      name_sealed: 'name of the invited',
      email_sealed: 'e-mail of the invited',
      email_index: 'keyed fingerprint of the e-mail',
      kind: 'what the link is for',
      created_at: 'when it was made',
      name: 'name, in rows of releases before 0.2 until the next start',
      email: 'e-mail, in rows of releases before 0.2 until the next start',
    },
  },
  {
    ...signIn,
    ...{ table: 'identity.password', person: 'person_id', global: true, erasure: 'deleted' },
    retention: 'as long as the account',
    secret: ['hash'],
    columns: { hash: 'argon2id hash of the password', changed_at: 'when it was chosen' },
  },
  {
    ...signIn,
    ...{ table: 'identity.totp', person: 'person_id', global: true, erasure: 'deleted' },
    retention: 'as long as the account',
    secret: ['secret'],
    columns: { secret: 'secret of the one-time codes, sealed', created_at: 'when it was set up' },
  },
  {
    ...signIn,
    ...{ table: 'identity.recovery_code', person: 'person_id', global: true, erasure: 'deleted' },
    retention: 'as long as the account',
    columns: {
      mac: 'keyed fingerprint of a recovery code',
      created_at: 'when it was made',
      used_at: 'when it was used',
    },
  },
  {
    ...signIn,
    ...{ table: 'identity.passkey', person: 'person_id', global: true, erasure: 'deleted' },
    retention: 'as long as the account',
    columns: {
      credential_id: 'name of the key on the device',
      public_key: 'public key',
      name: 'what its owner calls it',
      transports: 'how the device is reached',
      created_at: 'when it was added',
      last_used_at: 'when it was last used',
    },
  },
  {
    ...signIn,
    ...{ table: 'identity.challenge', person: 'person_id', global: true, erasure: 'deleted' },
    retention: 'minutes',
    secret: ['data'],
    columns: { data: 'what a sign-in that was begun waits for', kind: 'what for', created_at: 'when it was begun' },
  },
  {
    ...signIn,
    ...{ table: 'identity.session', person: 'person_id', erasure: 'key destroyed' },
    retention: '30 days of use at most; gone 30 days after its end',
    because: 'an ended session opens nothing and is swept',
    columns: {
      label: 'device and network, sealed',
      seen: 'keyed fingerprint of device and network',
      created_at: 'when it began',
      rotated_at: 'when it was last used',
      ended_at: 'when it ended',
      end_reason: 'why it ended',
      methods: 'how the person signed in',
    },
  },
  {
    ...signIn,
    ...{ table: 'identity.login_attempt', person: null, erasure: 'expires' },
    retention: '30 days',
    columns: { key: 'keyed fingerprint of an e-mail or an address with the failures counted' },
  },
  {
    ...signIn,
    ...{ table: 'identity.single_sign_on_person', person: 'person_id', erasure: 'deleted' },
    retention: 'as long as the account',
    columns: { subject: 'name of the person at the identity provider' },
  },
  {
    ...signIn,
    ...{ table: 'identity.provisioned', person: 'person_id', erasure: 'deleted' },
    retention: 'as long as the account',
    columns: { external_id: 'name of the person at the provisioning system' },
  },
  {
    ...signIn,
    ...{ table: 'identity.api_key', person: 'person_id', erasure: 'kept under a pseudonym' },
    retention: '7 years after it was revoked',
    because: 'what a key did is in the audit trail; it is revoked',
    columns: { name: 'what its owner calls it', hint: 'its last characters', created_at: 'when it was made' },
  },
  {
    ...rights,
    ...{ table: 'identity.membership', person: 'person_id', erasure: 'kept under a pseudonym' },
    because: 'who could approve what is evidence for auditors',
    columns: {
      roles: 'roles',
      approval_limit: 'how much they may approve',
      locked_reason: 'why they were locked out',
      created_at: 'when they joined',
      disabled_at: 'when their access ended',
    },
  },
  {
    ...rights,
    ...{ table: 'identity.membership_history', person: 'person_id', erasure: 'kept under a pseudonym' },
    because: 'who could approve what is evidence for auditors',
    columns: { roles: 'roles at a past moment', amount_limits: 'limits at a past moment', recorded_at: 'since when' },
  },
  {
    ...rights,
    ...{ table: 'identity.duty_exception', person: 'person_id', erasure: 'kept under a pseudonym' },
    because: 'it is evidence of who allowed what',
    columns: { reason: 'why they may hold both sides of a conflict', asked_at: 'when it was asked for' },
  },
  {
    ...rights,
    ...{ table: 'identity.waiting_change', person: 'asked_by', erasure: 'kept under a pseudonym' },
    because: 'it is evidence of who asked for what, and who confirmed it',
    columns: { body: 'what they asked to change', asked_at: 'when', decided_at: 'when it was confirmed or withdrawn' },
  },
  {
    ...trail,
    ...{ table: 'audit.entry', person: 'actor_id', erasure: 'kept under a pseudonym' },
    because: 'books rest on it for 7 years; it holds ids, never names or e-mails',
    columns: {
      at: 'when',
      action: 'what the person did',
      entity_type: 'to what kind of record',
      entity_id: 'to which record',
      reason: 'why, in their words',
      before: 'the record before',
      after: 'the record after',
    },
  },
  {
    ...{ table: 'security.event', person: 'person_id', erasure: 'expires' },
    ...watch,
    retention: '90 days',
    because: 'it is gone by itself after 90 days and names nobody but by an id',
    columns: {
      kind: 'what happened',
      at: 'when',
      outcome: 'whether it succeeded',
      address: 'keyed fingerprint of the address',
      network: 'keyed fingerprint of the network',
      device: 'keyed fingerprint of the device',
      account: 'keyed fingerprint of an e-mail that nobody has',
      detail: 'what detection needs beside',
    },
  },
  {
    ...watch,
    ...{ table: 'security.incident', person: 'handled_by', erasure: 'kept under a pseudonym' },
    retention: '3 years after it was closed',
    because: 'how attacks were answered is evidence; it names people by their id only',
    columns: {
      about: 'whom or what it is about, by id or keyed fingerprint',
      reasons: 'what was noticed',
      note: 'what the officer found, in their words',
    },
  },
  {
    ...watch,
    ...{ table: 'security.incident_evidence', person: 'person_id', erasure: 'kept under a pseudonym' },
    retention: '3 years after the incident was closed',
    because: 'it shows why somebody was locked out; it names people by their id only',
    columns: {
      kind: 'what happened',
      at: 'when',
      outcome: 'whether it succeeded',
      network: 'keyed fingerprint of the network',
      device: 'keyed fingerprint of the device',
      detail: 'what detection needs beside',
    },
  },
  {
    ...{ table: 'audit.legal_hold', person: 'placed_by', erasure: 'kept under a pseudonym' },
    ...trail,
    columns: { reason: 'why nothing may be dropped, in their words', placed_at: 'when' },
    because: 'why records were kept is evidence',
  },
  {
    ...{ table: 'compliance.finding', person: 'opened_by', erasure: 'kept under a pseudonym' },
    purpose: 'Controls: what auditors found and who mends it',
    basis: 'legal obligation',
    retention: '7 years',
    because: 'findings are evidence for auditors',
    columns: {
      title: 'what was found',
      detail: 'what was found, in their words',
      resolution: 'how it was mended, in their words',
      opened_at: 'when',
    },
  },
  {
    ...privacy,
    ...{ table: 'privacy.request', person: 'person_id', erasure: 'key destroyed' },
    because: 'that it was answered in time is evidence; who asked is not readable any more',
    columns: {
      kind: 'what was asked for',
      contact: 'who asked and how to reach them, sealed',
      asked: 'what they asked, in their words, sealed',
      received_on: 'when',
      identity_proof: 'how the officer made sure of who asked',
      extension_reason: 'why it took longer',
      decision: 'what was decided',
      evidence: 'what was done: tables and counts',
    },
  },
  {
    ...privacy,
    ...{ table: 'privacy.rectification', person: 'person_id', erasure: 'key destroyed' },
    because: 'that it was rectified is evidence; the names are not readable any more',
    columns: { before: 'name and e-mail before, sealed', after: 'name and e-mail after, sealed', rectified_at: 'when' },
  },
  {
    ...privacy,
    ...{ table: 'privacy.consent', person: 'person_id', erasure: 'kept under a pseudonym' },
    because: 'the controller has to show what was agreed to (Article 7 (1))',
    columns: {
      purpose: 'what for',
      given: 'given or withdrawn',
      wording: 'which text',
      source: 'how',
      recorded_at: 'when',
    },
  },
  {
    ...privacy,
    ...{ table: 'privacy.step', person: 'actor_id', erasure: 'kept under a pseudonym' },
    because: 'it shows that requests were answered and breaches handled in time',
    columns: { what: 'what an officer did', note: 'their note', at: 'when' },
  },
  {
    ...privacy,
    ...{ table: 'privacy.breach', person: null, erasure: 'kept under a pseudonym' },
    because: 'breaches are documented for the authority (Article 33 (5))',
    columns: {
      title: 'what it is called',
      what_happened: 'what happened, in the officer’s words',
      measures: 'what was done about it',
      late_reason: 'why the authority was told late',
    },
  },
];
