import { Client, Connection } from '@temporalio/client';
import { startTemporalDevServer } from '../../sandbox/servers/temporal';
import { ProvisioningWorld } from './provisioning-world';

export interface WorldWithUi {
  world: ProvisioningWorld;
  /** Of the Web UI of this world's own Temporal, whose list holds this world's runs alone. */
  uiUrl: string;
  close(): Promise<void>;
}

/**
 * A world on a Temporal dev server of its own, with its Web UI.
 * @param redisUrl instead of the Redis that the suites of a jest run share
 */
export async function startWorldWithUi(redisUrl?: string): Promise<WorldWithUi> {
  const releases: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let release = releases.pop(); release !== undefined; release = releases.pop()) await release();
  };
  try {
    const temporal = await startTemporalDevServer();
    releases.push(() => temporal.stop());
    const connection = await Connection.connect({ address: temporal.address });
    releases.push(() => connection.close());
    const world = await ProvisioningWorld.start({
      temporal: { client: new Client({ connection }), address: temporal.address },
      quietPeriodMs: 500,
      ...(redisUrl === undefined ? {} : { redisUrl }),
    });
    releases.push(() => world.close());
    return { world, uiUrl: temporal.uiUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}
