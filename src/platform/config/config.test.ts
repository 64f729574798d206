import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from './index.ts';

test('without any setting the demo runs on this machine alone, on the embedded database', () => {
  const config = readConfig({});
  assert.deepEqual(
    [config.port, config.host, config.demo, config.databaseUrl, config.dataDir],
    [3000, '127.0.0.1', true, undefined, '.tradeai'],
  );
});

test('each wrong setting is named in one line', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ PORT: '70000' }, /PORT/],
    [{ PORT: 'three' }, /PORT/],
    [{ TRADEAI_DATABASE_URL: 'mysql://x' }, /TRADEAI_DATABASE_URL/],
    [{ TRADEAI_DEMO: 'yes' }, /TRADEAI_DEMO/],
    [{ TRADEAI_DEMO_PASSWORD: 'short' }, /TRADEAI_DEMO_PASSWORD/],
    [{ TRADEAI_SECRET_KEY: 'short' }, /TRADEAI_SECRET_KEY/],
    [{ TRADEAI_LOG_LEVEL: 'loud' }, /TRADEAI_LOG_LEVEL/],
    [{ TRADEAI_DATABASE_URL: 'postgres://h/db' }, /TRADEAI_SECRET_KEY is missing/],
    [{ TRADEAI_KEY_ENCRYPTION_KEYS: 'c2hvcnQ=' }, /TRADEAI_KEY_ENCRYPTION_KEYS.*32 bytes/],
    [{ TRADEAI_KEYS: 'paper' }, /TRADEAI_KEYS/],
    [{ TRADEAI_KEYS: 'vault' }, /TRADEAI_VAULT_URL and TRADEAI_VAULT_TOKEN/],
    [{ HOST: '0.0.0.0' }, /plain HTTP works on localhost only/],
  ];
  for (const [env, message] of cases) {
    assert.throws(
      () => readConfig(env),
      (error: Error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  }
});

test('a real server has no demo unless it is asked for', () => {
  const env = { TRADEAI_DATABASE_URL: 'postgres://owner@db/tradeai', TRADEAI_SECRET_KEY: 'k'.repeat(32) };
  assert.equal(readConfig(env).demo, false);
  assert.equal(readConfig({ ...env, TRADEAI_DEMO: '1' }).demo, true);
});

test('behind a trusted proxy the server may listen beyond this machine', () => {
  assert.equal(readConfig({ HOST: '0.0.0.0', TRADEAI_TRUST_PROXY: '1' }).host, '0.0.0.0');
});
