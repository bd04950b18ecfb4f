import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildMutant } from '../../chaos/build';
import { derivePlan } from '../../chaos/derive';
import { MUTANTS } from '../../chaos/mutants';
import { planSchema } from '../../chaos/plan';
import { playMutant, playRound, type RoundResult } from '../../chaos/round';
import { builtProduct } from '../support/servers';

const ROOT = join(__dirname, '../..');
const SIZE = { orders: 14, faults: 5, slow: false };
/** Workers killed between an AddOrder and its answer, both listeners killed, Redis emptied, sessions expired, events late. */
const FIXED_PLAN = 'test/chaos/plan.json';

let folder: string;
let build: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-test-'));
  build = await builtProduct();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is needed to see why a round was not sound. */
function explain(said: string[], log: string): string {
  const errors = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"|chaos:/.test(line));
  return [...said, ...errors.slice(-30)].join('\n');
}

it('npm run chaos: a plan from a file is sound', async () => {
  const json = join(folder, 'results.json');
  const command = ['scripts/run.mjs', 'chaos', '--plan', FIXED_PLAN, '--json', json, '--build', build];
  await promisify(execFile)(process.execPath, command, { cwd: ROOT }).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  });
  const plan = planSchema.parse(JSON.parse(readFileSync(join(ROOT, FIXED_PLAN), 'utf8')));
  const [result] = JSON.parse(readFileSync(json, 'utf8')) as RoundResult[];
  expect(result).toMatchObject({ seed: plan.seed, problems: [], lost: 0, doubled: 0, stale: 0 });
  const fired = (result?.faults ?? []).filter((each) => each.fired).map(({ fault }) => fault);
  expect(fired).toEqual(plan.faults.map(({ fault }) => fault));
}, 600_000);

it('a round from a random seed is sound', async () => {
  const plan = derivePlan(Math.floor(Math.random() * 1_000_000), SIZE);
  const log = join(folder, 'random.log');
  const said = [JSON.stringify(plan)];
  const { problems } = await playRound(plan, { build, log, say: (line) => said.push(line) });
  if (problems.length > 0) throw new Error([...problems, explain(said, log)].join('\n'));
}, 600_000);

describe('the checker', () => {
  // One of them each time; all with `npm run chaos -- --mutants`.
  it.each(MUTANTS.filter(({ name }) => /no look-up/.test(name)))(
    'catches $name',
    async (mutant) => {
      const broken = await buildMutant(build, mutant);
      try {
        const log = join(folder, 'mutant.log');
        const problems = await playMutant(mutant.plan, mutant.says, {
          build: broken.folder,
          log,
          say: () => undefined,
        });
        expect(problems.filter((problem) => mutant.says.test(problem))).not.toEqual([]);
      } finally {
        broken.remove();
      }
    },
    400_000,
  );

  it.each(MUTANTS)('has a mutant that fits the sources: $name', ({ edits }) => {
    for (const { file, find } of edits) {
      expect([file, readFileSync(join(ROOT, file), 'utf8').split(find).length - 1]).toEqual([file, 1]);
    }
  });
});
