import type { Cli } from '../cli';
import { fail, ok, warn, type Check, type CheckGroup, type CheckStatus, type Finding } from './check';

/** `INFO` as name and value. */
type Info = ReadonlyMap<string, string>;

function read(text: string): Info {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

const GRAVITY: readonly CheckStatus[] = ['ok', 'warn', 'fail'];

/** The worst that is found among the masters of a cluster; of one server, what is found there. */
async function worst(cli: Cli, section: string, judge: (info: Info) => Finding): Promise<Finding> {
  const found = (await (await cli.redis()).info(section)).map((text) => judge(read(text)));
  const [gravest = fail('no server answers', 'See that Redis runs.')] = found.toSorted(
    (a, b) => GRAVITY.indexOf(b.status) - GRAVITY.indexOf(a.status),
  );
  return gravest;
}

export function redisChecks(cli: Cli): CheckGroup {
  const connection: Check = {
    name: 'connection',
    run() {
      const { url } = cli.config.redis(cli.environment);
      return worst(cli, 'server', (server) => mode(server, typeof url !== 'string'));
    },
  };
  return {
    system: 'redis',
    gate: connection,
    checks: [
      { name: 'version', run: () => worst(cli, 'server', version) },
      { name: 'eviction policy', run: () => worst(cli, 'memory', eviction) },
      { name: 'persistence', run: () => worst(cli, 'persistence', persistence) },
    ],
  };
}

/** A node of a cluster answers for its own slots only. A service that routes for its nodes says `standalone`. */
export function mode(server: Info, asCluster: boolean): Finding {
  if (server.get('redis_mode') !== 'cluster' || asCluster) return ok('it answers');
  return fail('it is one node of a Redis Cluster', 'Set REDIS_CLUSTER_URLS instead of REDIS_URL.');
}

/** Scripts of the caches use Redis's clock and then write, which replicates well since 5; 6.2 is the oldest that is tested. */
export function version(server: Info): Finding {
  const found = server.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = found.split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 2)) return ok(found);
  return fail(`version ${found}`, 'Use Redis 6.2 or later.');
}

/** Checkpoints, the listener's lease and dead letters live beside the caches, and must not be thrown out for them. */
export function eviction(memory: Info): Finding {
  const policy = memory.get('maxmemory_policy') ?? 'unknown';
  const repair = 'Set maxmemory-policy to noeviction, and give the caches room (or a Redis of their own).';
  if (policy.startsWith('allkeys')) return fail(`${policy} may evict checkpoints`, repair);
  if (policy !== 'noeviction') return warn(`${policy} spares checkpoints, which have no time to live`, repair);
  const limit = Number(memory.get('maxmemory') ?? 0);
  const used = Number(memory.get('used_memory') ?? 0);
  if (limit > 0 && used > limit * 0.9) {
    return warn(
      `${policy}; ${Math.round((100 * used) / limit)} % of maxmemory is used`,
      'Raise maxmemory: a full Redis refuses checkpoints.',
    );
  }
  return ok(policy);
}

/** Without persistence a restart loses the checkpoints: harmless repeats of 72 hours, or a hole with SF_REPLAY_FROM=latest. */
export function persistence(state: Info): Finding {
  if (state.get('aof_enabled') === '1') return ok('append-only file');
  const lastSave = state.get('rdb_last_bgsave_status');
  if (lastSave === 'err') return fail('the last snapshot failed', 'See the log of Redis: usually its disk is full.');
  return warn('no append-only file: a restart may lose the latest checkpoints', 'Set appendonly yes.');
}
