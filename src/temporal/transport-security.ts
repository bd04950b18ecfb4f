import type { ClientConfigProfile, ConfigDataSource } from '@temporalio/envconfig';
import { ConfigurationError, type Environment } from '../config/load';
import { privateFileFault } from '../config/private-file';
import { isLoopback } from '../domain/loopback';

/**
 * What `@temporalio/envconfig` would let pass and this product does not: a server that is not verified, and an API key that goes
 * through a network in the clear. A server without TLS and without a key (one within the same private network) is left to the operator.
 * @throws ConfigurationError that names every faulty variable, never a value.
 */
export function refuseWeakTransport({ address, apiKey, tls }: ClientConfigProfile, environment: Environment): void {
  const faults: string[] = [];
  const host = (address ?? 'localhost:7233').replace(/:\d+$/, '');
  if (!isLoopback(host)) {
    // The SDK knows the variable and does not act on it: who sets it must not believe that it does.
    if (isOn(environment['TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'])) {
      faults.push('TEMPORAL_TLS_DISABLE_HOST_VERIFICATION must not be set: the server is always verified');
    }
    if (apiKey !== undefined && tls?.disabled === true) {
      faults.push('TEMPORAL_TLS must not be false with TEMPORAL_API_KEY: the key would go out in the clear');
    }
  }
  const keyFault = faultOf(tls?.clientKey);
  if (keyFault !== undefined) faults.push(`TEMPORAL_TLS_CLIENT_KEY_PATH ${keyFault}`);
  if (faults.length > 0) throw new ConfigurationError(faults);
}

/** As envconfig reads a flag. */
const isOn = (text: string | undefined): boolean => text !== undefined && /^(1|true)$/i.test(text.trim());

function faultOf(source: ConfigDataSource | undefined): string | undefined {
  return source === undefined || !('path' in source) ? undefined : privateFileFault(source.path);
}
