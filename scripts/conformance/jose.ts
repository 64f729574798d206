import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactDecrypt, compactVerify, importJWK, type JWK } from 'jose';
import { isCompactToken } from '#security';
import { runSuite, Skip, type SuiteResult } from './suite.ts';

interface Vector {
  tcId: number;
  comment: string;
  result: 'valid' | 'invalid';
  flags: string[];
  jws?: string | object;
  jwe?: string | object;
  pt?: string;
}

interface Group {
  comment: string;
  private?: JWK | { keys: JWK[] };
  public?: JWK | { keys: JWK[] };
  tests: Vector[];
}

interface Asked {
  group: Group;
  vector: Vector;
}

/** Wycheproof's vectors for JWS, JWE and JWK, asked of the library that signs and reads this product's tokens. */
export async function jose(folder: string): Promise<SuiteResult[]> {
  const files = ['signature', 'encryption', 'key', 'crypto'];
  const results: SuiteResult[] = [];
  for (const name of files) {
    const file = join(folder, `json_web_${name}_test.json`);
    const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as { testGroups: Group[] };
    const vectors = testGroups.flatMap((group) => group.tests.map((vector) => ({ group, vector })));
    const describe = ({ group, vector }: Asked) => `${name} ${vector.tcId} (${group.comment}, ${vector.comment})`;
    results.push(await runSuite(`JOSE ${name}`, vectors, describe, holds));
  }
  return results;
}

async function holds({ group, vector }: Asked): Promise<boolean> {
  const accepted = await accepts(group, vector);
  return accepted === (vector.result === 'valid');
}

/** Whether the token is accepted under the group's key, with the one algorithm that the key is for, as the product reads tokens. */
async function accepts(group: Group, vector: Vector): Promise<boolean> {
  const mistake = mistaken[vector.comment];
  if (mistake) throw new Skip(mistake);
  const token = vector.jws ?? vector.jwe;
  if (typeof token !== 'string' || !isCompactToken(token)) return false;
  const signed = vector.jws !== undefined;
  const key = oneKey(signed ? (group.public ?? group.private) : (group.private ?? group.public), vector);
  try {
    if (!key.alg || (key.use !== undefined && signed !== (key.use === 'sig')) || isWeak(key)) return false;
    const imported = await importJWK(key, key.alg);
    if (signed) {
      await compactVerify(token, imported, { algorithms: [key.alg] });
      return true;
    }
    const keyManagementAlgorithms = [/^A\d+GCM$/.test(key.alg) ? 'dir' : key.alg];
    const { plaintext } = await compactDecrypt(token, imported, { keyManagementAlgorithms });
    return vector.pt === undefined || Buffer.from(plaintext).toString('hex') === vector.pt;
  } catch {
    // Refused: which error it is, Wycheproof leaves open.
    return false;
  }
}

/** Vectors of the suite's version 0.3 that contradict the standard, by their comment. */
const mistaken: Readonly<Record<string, string>> = {
  invalidBase64Padding: 'a mistake of the suite: named for its padding, the token has none and is valid',
  invalidBase64PaddingInPayload: 'a mistake of the suite: named for its padding, the token has none and is valid',
  InvalidCharacterInsertedInHeader: 'a mistake of the suite: called valid with a "?" in base64url (RFC 7515 § 2)',
  InvalidCharacterInsertedInPayload: 'a mistake of the suite: called valid with a "?" in base64url (RFC 7515 § 2)',
};

/** The product keeps one key a purpose, for one registered algorithm. */
function oneKey(keys: Group['public'], vector: Vector): JWK {
  const all = keys && 'keys' in keys && Array.isArray(keys.keys) ? keys.keys : [keys as JWK];
  const [key] = all;
  if (!key || all.length > 1) throw new Skip('the product reads no sets of secret keys');
  if (key.alg === 'ES521') throw new Skip('ES521 is no registered algorithm (RFC 7518 names ES512)');
  if (key.alg === 'RSA1_5') throw new Skip('RSA1_5 is not offered: padding oracles (RFC 8725 § 3.2)');
  if (vector.comment.includes('Roca')) throw new Skip('nothing fingerprints the keys of one broken chip (ROCA, 2017)');
  if (key.alg === 'PS256' && vector.comment === 'Figure20') {
    throw new Skip('signed with PS384 under a key for PS256: a key serves one algorithm (RFC 8725 § 3.1)');
  }
  return key;
}

/** A secret shorter than its hash (RFC 7518 § 3.2) or a public exponent that encrypts nothing. */
function isWeak(key: JWK): boolean {
  const hashBytes = Number(/^HS(\d+)$/.exec(key.alg ?? '')?.[1] ?? 0) / 8;
  return Buffer.from(key.k ?? '', 'base64url').length < hashBytes || key.e === 'AQ';
}
