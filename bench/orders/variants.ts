import { join } from 'node:path';
import { DYNAMIC_CONFIG, startTemporalDevServer } from '../../sandbox/servers/temporal';
import { Resources } from '../../src/processes/resources';
import { interleaved, ratios } from '../cache/rounds';
import { Forked } from '../forked';
import { percentile, spread } from '../spread';
import { CHOSEN, OTHERS, type Server } from './bare/variants';
import type { BareRequest } from './bare/process';
import type { VariantRow } from './latency-report';

const TOGETHER = 10;
const EAGER = 'system.enableActivityEagerExecution';

/** What each server is told. */
const CONFIGS: Record<Server, Record<string, string>> = {
  'as it comes': {},
  'eager only': { [EAGER]: DYNAMIC_CONFIG[EAGER]! },
  ours: DYNAMIC_CONFIG,
};

/** The ways to run a workflow of five activities, side by side: how long until the fourth is done, over the way chosen. */
export async function variants(rounds: number, runs: { alone: number; together: number }): Promise<VariantRow[]> {
  const resources = new Resources();
  try {
    const addresses = new Map<Server, string>();
    for (const server of Object.keys(CONFIGS) as Server[]) {
      const temporal = await startTemporalDevServer({ headless: true, dynamicConfig: CONFIGS[server] });
      resources.push('Temporal', () => temporal.stop());
      addresses.set(server, temporal.address);
    }
    const bare = await Forked.start<BareRequest, number[]>(join(__dirname, 'bare', 'process.ts'));
    resources.push('bare process', () => bare.kill());
    const all = [CHOSEN, ...OTHERS];
    for (const variant of all) {
      await bare.ask({ open: variant, address: addresses.get(variant.server ?? 'ours')! });
    }
    const names = all.map(({ name }) => name);
    const median = async (run: string, count: number, limit: number): Promise<number> =>
      percentile(await bare.ask({ run, runs: count, limit }), 0.5);
    const alone = await interleaved(names, rounds, (name) => median(name, runs.alone, 1));
    // They are warm by now.
    const together = await interleaved(names, rounds, (name) => median(name, runs.together, TOGETHER), {
      warmUp: false,
    });
    return OTHERS.map(({ name }) => ({
      variant: name,
      rounds,
      alone: spread(ratios(alone, name, CHOSEN.name)),
      together: spread(ratios(together, name, CHOSEN.name)),
      atATime: TOGETHER,
    }));
  } finally {
    await resources.release();
  }
}
