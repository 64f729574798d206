/** A passkey of one's own. */
export interface Passkey {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
  backedUp: boolean;
}

/** What proves who one is. */
export interface Factors {
  password: boolean;
  totp: boolean;
  recoveryCodesLeft: number;
  passkeys: Passkey[];
}

/** A device on which one is signed in. */
export interface Session {
  id: string;
  current: boolean;
  createdAt: string;
  lastUsedAt: string;
  methods: string[];
  device: string | null;
  network: string | null;
}

/** An API key, without the key itself. */
export interface ApiKey {
  id: string;
  name: string;
  hint: string;
  permissions: string[];
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  state: 'live' | 'expired' | 'revoked' | 'quarantined';
}

/** A key as it is shown once. */
export interface ShownKey extends ApiKey {
  token: string;
}
