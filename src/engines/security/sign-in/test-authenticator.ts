import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

/** CBOR (RFC 8949) of what an attestation needs: integers, byte and text strings, maps. */
function cbor(value: number | string | Buffer | Map<number | string, unknown>): Buffer {
  const head = (major: number, n: number) =>
    n < 24
      ? Buffer.from([(major << 5) | n])
      : n < 256
        ? Buffer.from([(major << 5) | 24, n])
        : Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([
    head(5, value.size),
    ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one as number | string | Buffer)]),
  ]);
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

/** What an authenticator does differently from an honest one. */
export interface Trick {
  origin?: string;
  rpId?: string;
  /** Leaves out that it verified its user. */
  unverified?: boolean;
  counter?: number;
  challenge?: string;
}

/** A passkey of ES256 in memory, as an authenticator holds it. */
export function makeAuthenticator(origin = 'http://localhost:3000') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  let counter = 0;
  const clientData = (type: string, challenge: string, trick: Trick) =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: trick.challenge ?? challenge,
        origin: trick.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const authData = (flags: number, trick: Trick, attested: Buffer = Buffer.alloc(0)) => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(trick.counter ?? counter);
    const set = trick.unverified ? flags & ~0x04 : flags;
    return Buffer.concat([sha256(trick.rpId ?? 'localhost'), Buffer.from([set]), count, attested]);
  };
  const answer = {
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key',
    clientExtensionResults: {},
  };
  return {
    /** Answers `navigator.credentials.create`. */
    create: ({ challenge }: { challenge: string }, trick: Trick = {}) => {
      const cose = cbor(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      );
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const data = authData(0x45, trick, Buffer.concat([Buffer.alloc(16), length, id, cose]));
      const attestation = cbor(
        new Map<string, unknown>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', data],
        ]),
      );
      const clientDataJSON = clientData('webauthn.create', challenge, trick).toString('base64url');
      return {
        ...answer,
        response: { clientDataJSON, attestationObject: attestation.toString('base64url'), transports: ['internal'] },
      };
    },
    /** Answers `navigator.credentials.get`. */
    get: ({ challenge }: { challenge: string }, trick: Trick = {}) => {
      counter += 1;
      const data = authData(0x05, trick);
      const client = clientData('webauthn.get', challenge, trick);
      const signature = createSign('sha256')
        .update(Buffer.concat([data, sha256(client)]))
        .sign(privateKey);
      return {
        ...answer,
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
        },
      };
    },
  };
}
