import { ConfigurationError } from '../../config/load';
import { tell } from '../failure';
import { SYSTEMS, type System } from './systems';

export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skipped';

/** What a check found, and how to repair it where that is needed. */
export interface Finding {
  status: CheckStatus;
  finding: string;
  repair?: string;
}

export interface Check {
  name: string;
  /** A throw counts as `fail`, told as any failure of a verb is. */
  run(): Promise<Finding>;
}

/** The checks of one system. Where the first fails the others could only repeat it, and are skipped. */
export interface CheckGroup {
  system: System;
  gate: Check;
  checks: readonly Check[];
}

export { SYSTEMS, type System };

export interface CheckResult {
  system: System;
  name: string;
  status: CheckStatus;
  finding: string;
  repair: string | null;
}

/** How a repair by the doctor itself is asked for. */
export const FIX = 'Run `orders doctor --fix`';

export const ok = (finding: string): Finding => ({ status: 'ok', finding });
export const warn = (finding: string, repair: string): Finding => ({ status: 'warn', finding, repair });
export const fail = (finding: string, repair: string): Finding => ({ status: 'fail', finding, repair });
export const skipped = (finding: string): Finding => ({ status: 'skipped', finding });

function failureOf(error: unknown): Finding {
  const { told } = tell(error);
  const isEnvironment = error instanceof ConfigurationError;
  const finding = isEnvironment ? error.faults.join('; ') : told.message;
  const advice = told.advice ?? (isEnvironment ? 'Correct the environment; see .env.example.' : undefined);
  return { status: 'fail', finding, ...(advice === undefined ? {} : { repair: advice }) };
}

/** Runs a group's checks one after the other, so that a doctor's visit is no load. Never rejects. */
export async function examine({ system, gate, checks }: CheckGroup): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of [gate, ...checks]) {
    const isShut = results[0]?.status === 'fail';
    const found = isShut ? skipped(`not checked, since "${gate.name}" failed`) : await check.run().catch(failureOf);
    const { status, finding, repair = null } = found;
    results.push({ system, name: check.name, status, finding, repair });
  }
  return results;
}
