import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { freePort, PortInUse } from '../../../sandbox/servers/free-port';
import { startRedis } from '../../../sandbox/servers/redis';

async function ask(url: string, ...command: string[]): Promise<unknown> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

test('it keeps nothing: its folder goes when it stops', async () => {
  const redis = await startRedis();
  const [, folder = ''] = (await ask(redis.url, 'CONFIG', 'GET', 'dir')) as string[];
  expect(existsSync(folder)).toBe(true);
  await redis.stop();
  expect(existsSync(folder)).toBe(false);
  await expect(redis.end).resolves.toBe('ended with exit code 0');
});

test('a password is asked for, and is in the URL', async () => {
  const redis = await startRedis({ password: 'a b/c' });
  expect(await ask(redis.url, 'PING')).toBe('PONG');
  await expect(ask(`redis://127.0.0.1:${redis.port}`, 'PING')).rejects.toThrow(/NOAUTH/);
  await redis.stop();
});

test('with appendonly an answered write survives a SIGKILL', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'redis-test-'));
  const port = await freePort();
  const first = await startRedis({ port, appendonly: true, dir });
  await ask(first.url, 'SET', 'checkpoint', '42');
  first.kill('SIGKILL');
  await first.end;
  const second = await startRedis({ port, appendonly: true, dir });
  expect(await ask(second.url, 'GET', 'checkpoint')).toBe('42');
  await second.stop();
  rmSync(dir, { recursive: true });
});

test('a port that is in use is named', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const starting = startRedis({ port });
  await expect(starting).rejects.toThrow(PortInUse);
  await expect(starting).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use, so Redis cannot listen there.`);
  server.close();
});
