import type { Cli } from '../cli';
import { examine, type CheckResult } from './check';
import { redisChecks } from './redis';
import { salesforceChecks } from './salesforce';
import type { System } from './systems';
import { temporalChecks } from './temporal';
import { whmcsChecks } from './whmcs';

/** Examines the systems side by side. One that cannot be reached does not stop the others. Never rejects. */
export async function examineAll(cli: Cli, systems: readonly System[], fix: boolean): Promise<CheckResult[]> {
  const groups = [salesforceChecks(cli), whmcsChecks(cli), redisChecks(cli), temporalChecks(cli, fix)];
  const asked = groups.filter(({ system }) => systems.includes(system));
  return (await Promise.all(asked.map(examine))).flat();
}
