import { createServer } from 'node:net';
import { Connection } from '@temporalio/client';
import { PortInUse } from '../../../sandbox/servers/free-port';
import { startTemporalDevServer } from '../../../sandbox/servers/temporal';

test('it serves a namespace, attributes and a Web UI of its own from the moment it is there', async () => {
  const temporal = await startTemporalDevServer({ namespace: 'shop', searchAttributes: { Colour: 'Keyword' } });
  try {
    const connection = await Connection.connect({ address: temporal.address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'shop' });
    expect(customAttributes).toHaveProperty('Colour');
    await connection.close();
    expect((await fetch(`${temporal.uiUrl}/namespaces/shop/workflows`)).status).toBe(200);
  } finally {
    await temporal.stop();
  }
  expect(() => process.kill(temporal.pid, 0)).toThrow(/ESRCH/);
});

test.each(['port', 'uiPort'])('a %s that is in use is named', async (name) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const starting = startTemporalDevServer({ [name]: port });
  await expect(starting).rejects.toThrow(PortInUse);
  await expect(starting).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
  server.close();
});
