import { ConfigurationError } from '../../config/load';
import type { Cli } from '../cli';
import { CliFailure, EXIT, tell } from '../failure';
import type { Seen } from './facts';

/** By what variables a system is named. Where none of them is set it is not meant to be asked from here, which is no fault. */
const VARIABLES = {
  salesforce: ['SF_LOGIN_URL', 'SF_CLIENT_ID'],
  whmcs: ['WHMCS_API_URL', 'WHMCS_API_IDENTIFIER', 'WHMCS_API_SECRET'],
  /** Has a default, for a checkout; elsewhere a Redis of that address is nobody's. */
  redis: ['REDIS_URL', 'REDIS_CLUSTER_URLS'],
} as const;

/** Asks one system. What is wrong with the environment is thrown; anything else becomes part of the story. */
export async function ask<T>(question: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { is: 'known', value: await question() };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    if (error instanceof CliFailure && error.exitCode === EXIT.usage) throw error;
    return { is: 'unreachable', failure: tell(error).told };
  }
}

/** {@link ask}, where the environment names the system. */
export async function askNamed<T>(
  cli: Cli,
  system: keyof typeof VARIABLES,
  question: () => Promise<Seen<T>>,
): Promise<Seen<T>> {
  const variables = VARIABLES[system];
  if (variables.some((name) => (cli.environment[name] ?? '').trim() !== '')) return question();
  return { is: 'not-asked', why: `${variables.join(', ')} are not set` };
}
