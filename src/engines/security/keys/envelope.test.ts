import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { openBytes, SealError, sealBytes, versionOf } from './envelope.ts';

const key = randomBytes(32);

test('what was sealed opens with the same key at the same place, and tells the version of its key', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      fc.array(fc.string()),
      (text, version, place) => {
        const plain = Buffer.from(text);
        const sealed = sealBytes(key, version, place, plain);
        assert.equal(versionOf(sealed), version);
        assert.deepEqual(openBytes(key, place, sealed), plain);
        assert.ok(plain.length < 8 || !sealed.includes(plain));
      },
    ),
  );
});

test('a single bit changed anywhere, a byte cut off, another key and another place are refused', () => {
  const place = ['tenant', 'person', 'p', 'identity.person', 'name', 'p'];
  const sealed = sealBytes(key, 7, place, Buffer.from('Kira Almond'));
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const altered = Buffer.from(sealed);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(() => openBytes(key, place, altered), SealError, `bit ${bit}`);
  }
  for (let length = 0; length < sealed.length; length++) {
    assert.throws(() => openBytes(key, place, sealed.subarray(0, length)), SealError, `${length} bytes`);
  }
  assert.throws(() => openBytes(randomBytes(32), place, sealed), SealError);
  for (let part = 0; part < place.length; part++) {
    assert.throws(() => openBytes(key, place.with(part, 'other'), sealed), SealError, place[part]);
  }
  // Names that run together the same way are not the same place.
  assert.throws(() => openBytes(key, ['tenantperson', ...place.slice(2)], sealed), SealError);
});

test('the same text is sealed differently each time', () => {
  const made = new Set(
    Array.from({ length: 1_000 }, () => sealBytes(key, 1, ['a'], Buffer.from('x')).toString('base64')),
  );
  assert.equal(made.size, 1_000);
});
