import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { derivePlan } from './derive';
import { playRound } from './round';
import { buildProduct } from './build';

async function main(): Promise<void> {
  const seed = Number(process.argv[2] ?? 1);
  const plan = derivePlan(seed, { orders: Number(process.argv[3] ?? 20), faults: Number(process.argv[4] ?? 5), slow: false });
  console.log(JSON.stringify(plan, null, 1));
  const build = await buildProduct();
  const began = performance.now();
  const say = (line: string): void => console.log(((performance.now() - began) / 1000).toFixed(1), line);
  try {
    const log = join(tmpdir(), `chaos-${seed}.log`);
    const result = await playRound(plan, { build: build.folder, log, say });
    console.log(JSON.stringify(result, null, 1));
  } finally {
    build.remove();
  }
}
void main();
