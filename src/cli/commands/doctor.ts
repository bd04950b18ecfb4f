import { Command, Option } from 'commander';
import type { Cli } from '../cli';
import type { CheckResult, CheckStatus } from '../doctor/check';
import { SYSTEMS, type System } from '../doctor/systems';
import { EXIT, type ExitCode } from '../failure';
import { late } from '../late';
import { printable, type Paint } from '../output';
import { withExamples, type Verb } from '../verb';

interface DoctorOptions {
  fix?: true;
  only?: System[];
}

const TITLES: Record<System, string> = {
  salesforce: 'Salesforce',
  whmcs: 'WHMCS',
  redis: 'Redis',
  temporal: 'Temporal',
};

function render(results: readonly CheckResult[], paint: Paint): string {
  const colour = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'dim' } as const;
  const width = Math.max(...results.map(({ name }) => name.length));
  return SYSTEMS.flatMap((system) => {
    const own = results.filter((result) => result.system === system);
    if (own.length === 0) return [];
    const lines = own.map(({ name, status, finding, repair }) => {
      const head = `  ${paint(colour[status], status.padEnd(7))}  ${name.padEnd(width)}  ${printable(finding)}`;
      return repair === null ? head : `${head}\n  ${' '.repeat(9 + width + 2)}-> ${printable(repair)}`;
    });
    return [`${paint('bold', TITLES[system])}\n${lines.join('\n')}`];
  }).join('\n\n');
}

async function doctor(cli: Cli, { fix, only = [...SYSTEMS] }: DoctorOptions): Promise<ExitCode> {
  const results = await late.doctor().examineAll(cli, only, fix === true);
  const count = (wanted: CheckStatus) => results.filter(({ status }) => status === wanted).length;
  const summary = { ok: count('ok'), warn: count('warn'), fail: count('fail'), skipped: count('skipped') };
  cli.report({ healthy: summary.fail === 0, summary, checks: results }, () => {
    const counts = Object.entries(summary).map(([status, n]) => `${n} ${status}`);
    return `${render(results, cli.paint)}\n\n${counts.join(', ')}`;
  });
  return summary.fail === 0 ? EXIT.ok : EXIT.failed;
}

export const doctorVerb: Verb = (invoke) => {
  const command = new Command('doctor')
    .summary('check every connection and permission')
    .description(
      'Checks Salesforce, WHMCS, Redis and Temporal as the processes would use them, and says how to repair what is wrong. Changes nothing without --fix. The exit code is 1 where a check fails; a warning leaves it 0.',
    )
    .option('--fix', 'create missing search attributes and the schedule in Temporal')
    .addOption(new Option('--only <system...>', 'check these systems only').choices(SYSTEMS))
    .action((options: DoctorOptions) => invoke(command, (cli) => doctor(cli, options)));
  return withExamples(command, [
    ['doctor', 'after the installation, and whenever something is odd'],
    ['doctor --fix', 'create what Temporal lacks'],
    ['doctor --only redis temporal --json', 'two systems, for a program'],
  ]);
};
