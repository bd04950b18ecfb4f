import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { writeCharts } from '../../bench/charts';

it('draws what was measured, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'charts-'));
  try {
    const startup = [
      { process: 'worker' as const, how: 'npm run worker', rounds: 3, ratio: { min: 2, median: 3, max: 5 } },
    ];
    const races = [{ cache: 'OrdersCache', race: 'a late fill', races: 20, stale: 4 }];
    expect(await writeCharts({ quick: true, races, startup }, folder)).toEqual(['stale-answers.svg', 'start-up.svg']);
    const [stale, start] = ['stale-answers.svg', 'start-up.svg'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    expect([XMLValidator.validate(stale ?? ''), XMLValidator.validate(start ?? '')]).toEqual([true, true]);
    for (const text of ['Stale answers in 20 races', 'a late fill', 'OrdersCache', 'count: 4'])
      expect(stale).toContain(text);
    for (const text of ['worker, npm run worker', 'median: 3', 'ratio: 2', 'max: 5']) expect(start).toContain(text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
