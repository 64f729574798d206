import { createCipheriv, createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runSuite, Skip, type SuiteResult } from './suite.ts';

interface Group {
  ivSize: number;
  keySize: number;
  tagSize: number;
  tests: { tcId: number; key: string; iv: string; aad: string; msg: string; ct: string; tag: string; result: string }[];
}

/** Wycheproof's AES-GCM vectors (AeadTest): what is valid decrypts and encrypts to the same bytes, what is not is refused. */
export function aesGcm(file: string): Promise<SuiteResult> {
  const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as { testGroups: Group[] };
  const vectors = testGroups.flatMap((group) => group.tests.map((vector) => ({ group, vector })));
  return runSuite(
    'AES-GCM',
    vectors,
    ({ vector }) => `aes-gcm ${vector.tcId}`,
    async ({ group, vector }) => {
      const name = `aes-${group.keySize}-gcm` as 'aes-256-gcm';
      const options = { authTagLength: group.tagSize / 8 };
      const bytes = (hex: string) => Buffer.from(hex, 'hex');
      const opened = () => {
        const cipher = createDecipheriv(name, bytes(vector.key), bytes(vector.iv), options);
        cipher.setAAD(bytes(vector.aad)).setAuthTag(bytes(vector.tag));
        return Buffer.concat([cipher.update(bytes(vector.ct)), cipher.final()]).toString('hex');
      };
      const sealed = () => {
        const cipher = createCipheriv(name, bytes(vector.key), bytes(vector.iv), options);
        cipher.setAAD(bytes(vector.aad));
        const text = Buffer.concat([cipher.update(bytes(vector.msg)), cipher.final()]).toString('hex');
        return `${text}/${cipher.getAuthTag().toString('hex')}`;
      };
      if (group.ivSize > 1_024) throw new Skip('OpenSSL takes initialisation vectors of at most 128 bytes');
      if (vector.result === 'valid') return opened() === vector.msg && sealed() === `${vector.ct}/${vector.tag}`;
      return refused(opened);
    },
  );
}

function refused(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch {
    // Refusal is what the vector asks for; which error it is, Wycheproof leaves open.
    return true;
  }
}
