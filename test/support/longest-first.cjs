const { existsSync } = require('node:fs');
const { join, sep } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

/**
 * The suites that take longest begin first, so that none of them runs alone at the end. Jest does so by the times of its last
 * run, which a fresh clone does not have: it would go by the size of the files, which says nothing here.
 */
const LONGEST = [
  'chaos/chaos.test.ts',
  'promises/every-approved-order.test.ts',
  'cli/orders.test.ts',
  'processes/bad-input.test.ts',
  'bench/beside-a-queue.test.ts',
  'promises/checkpoint-failover.test.ts',
  'bench/bench.test.ts',
  'security/locked-down.test.ts',
  'cli/doctor.test.ts',
  'sandbox/demo/demo.test.ts',
  'web-ui/failed-order.test.ts',
  'end-to-end/redis-cluster.test.ts',
  'promises/modes-and-outages.test.ts',
];

class LongestFirst extends Sequencer {
  sort(tests) {
    const byJest = super.sort(tests);
    const rank = (test) => {
      const at = LONGEST.findIndex((name) => test.path.endsWith(`${sep}test${sep}${name.split('/').join(sep)}`));
      return at < 0 ? LONGEST.length : at;
    };
    return byJest.sort((a, b) => rank(a) - rank(b));
  }
}

for (const name of LONGEST)
  if (!existsSync(join(__dirname, '..', name))) throw new Error(`longest-first.cjs names ${name}, which is not there`);

module.exports = LongestFirst;
