import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { hashPassword, isOutdated, verifyPassword } from './password.ts';

const word = 'correct horse battery';

test('a password verifies against its own hash only', async () => {
  const [first, second] = await Promise.all([hashPassword(word), hashPassword(word)]);
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(first, second);
  assert.equal(await verifyPassword(word, first), true);
  assert.equal(await verifyPassword(`${word} `, first), false);
});

test('the same characters are the same password however the keyboard composes them', async () => {
  assert.equal(await verifyPassword('Zoe\u0308-tangerine', await hashPassword('Zo\u00eb-tangerine')), true);
});

test('a hash made with other parameters still verifies and is due for renewal', async () => {
  const nonce = Buffer.from('0123456789abcdef');
  const tag = argon2Sync('argon2id', { message: word, nonce, memory: 8192, passes: 3, parallelism: 2, tagLength: 32 });
  const hash = `$argon2id$v=19$m=8192,t=3,p=2$${nonce.toString('base64').replace(/=+$/, '')}$${tag.toString('base64').replace(/=+$/, '')}`;
  assert.equal(await verifyPassword(word, hash), true);
  assert.equal(isOutdated(hash), true);
  assert.equal(isOutdated(await hashPassword(word)), false);
});

test('a stored hash that asks for absurd memory, or is no argon2id hash, verifies nothing', async () => {
  assert.equal(await verifyPassword(word, '$argon2id$v=19$m=9999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA'), false);
  assert.equal(await verifyPassword(word, ''), false);
  assert.equal(await verifyPassword(word, word), false);
});

test('a hash of bcrypt from elsewhere verifies, whatever its prefix, and is due for renewal; an absurd cost verifies nothing', async () => {
  const hash = hashSync(word, 4);
  for (const prefix of ['$2a$', '$2b$', '$2y$']) {
    const other = hash.replace(/^\$2.\$/, prefix);
    assert.equal(await verifyPassword(word, other), true, prefix);
    assert.equal(await verifyPassword(`${word} `, other), false, prefix);
    assert.equal(isOutdated(other), true);
  }
  assert.equal(await verifyPassword(word, hash.replace('$04$', '$31$')), false);
});

test('the event loop turns while passwords are verified, by argon2id and by bcrypt', async () => {
  for (const hash of [await hashPassword(word), hashSync(word, 11)]) {
    let turns = 0;
    let running = true;
    const turn = () => {
      turns += 1;
      if (running) setImmediate(turn);
    };
    turn();
    assert.equal(await verifyPassword(word, hash), true);
    running = false;
    // A hash worked out in this thread leaves a handful.
    assert.ok(turns > 500, `the loop turned ${turns} times for ${hash.slice(0, 8)}`);
  }
});
