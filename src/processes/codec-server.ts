import { buildCodecServer } from '../codec-server/server';
import { loadCodecServerConfig } from '../config';
import { createLogger } from '../observability/logger';
import { createMetrics } from '../observability/metrics';
import { createEncryptionCodec } from '../temporal/codec';
import { listen, serveHealth } from './http';
import { run } from './run';

/** The codec server: shows what was encrypted to Temporal's Web UI and command line. */
void run('codec-server', async (resources) => {
  const { http, logLevel, keys, origins, token } = loadCodecServerConfig(process.env);
  const logger = createLogger('codec-server', logLevel);
  const app = buildCodecServer({ codec: createEncryptionCodec(keys), origins, token });
  serveHealth(app, { metrics: createMetrics('codec-server'), health: () => ({ ready: true }) });
  resources.push('HTTP', () => app.close());
  logger.info({ address: await listen(app, http), origins }, 'codec server runs');
  return undefined;
});
