import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** What a process that logs `fields` with a message writes to stderr. */
function logged(message: string, fields: object): string {
  const log = `import { makeLogger } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
    const { error, ...fields } = JSON.parse(process.argv[1]);
    makeLogger('info').info(error ? { ...fields, err: new Error(error) } : fields, process.argv[2]);`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', log, JSON.stringify(fields), message],
    { encoding: 'utf8' },
  );
  assert.deepEqual([status, stdout], [0, ''], stderr);
  return stderr;
}

test('a log line holds no password, token, cookie or secret, and of a card’s number the last four digits only', () => {
  const secret = 'not to be read';
  const names = ['password', 'token', 'accessToken', 'refreshToken', 'authorization', 'cookie', 'secret'];
  const secrets = Object.fromEntries(names.map((name) => [name, secret]));
  const card = '4111 1111 1111 1111';
  const line = logged(`paid by ${card}`, { ...secrets, headers: secrets, note: card, error: `no ${card}`, id: 'kept' });
  assert.ok(!line.includes(secret), line);
  assert.ok(!/4111|1111 1111/.test(line), line);
  const read = JSON.parse(line) as { msg: string; note: string; id: string; err: { message: string } };
  const masked = '[card •••• 1111]';
  assert.deepEqual(
    [read.msg, read.note, read.err.message, read.id],
    [`paid by ${masked}`, masked, `no ${masked}`, 'kept'],
  );
});
