import { serialize } from 'php-serialize';
import { startWhmcs, type WhmcsEmulator, type WhmcsOptions } from '../../../sandbox/whmcs/server';

/** An emulator for one test file, with a plain HTTP caller that knows nothing of its inside. */
export interface Running {
  whmcs: WhmcsEmulator;
  /** Sends an action with credentials and responsetype=json. */
  send: (action: string, params?: Record<string, string>) => Promise<Response>;
  /** Sends it and reads the JSON of the answer. */
  call: (action: string, params?: Record<string, string>) => Promise<Record<string, unknown>>;
  /** Adds an order for a client and returns its id. */
  order: (params?: Record<string, string>) => Promise<string>;
  /** The services of a client, as the documented shape has them. */
  services: (clientid?: string) => Promise<Record<string, unknown>[]>;
}

/** Starts an emulator. Close it in `afterAll` or `afterEach`. */
export async function running(options: WhmcsOptions = {}): Promise<Running> {
  const whmcs = await startWhmcs(options);
  const { identifier, secret } = whmcs.credentials;
  const send = (action: string, params: Record<string, string> = {}) =>
    fetch(whmcs.apiUrl, {
      method: 'POST',
      body: new URLSearchParams({ identifier, secret, responsetype: 'json', action, ...params }),
    });
  const call = async (action: string, params: Record<string, string> = {}) =>
    (await (await send(action, params)).json()) as Record<string, unknown>;
  const order = async (params: Record<string, string> = {}) => {
    const answer = await call('AddOrder', { clientid: '1', paymentmethod: 'mailin', 'pid[0]': '1', ...params });
    return answer.orderid as string;
  };
  const services = async (clientid = '1') => {
    const answer = await call('GetClientsProducts', { clientid });
    return (answer.products as { product: Record<string, unknown>[] }).product;
  };
  return { whmcs, send, call, order, services };
}

/** Custom fields as AddOrder takes them. */
export function encodeFields(fields: Record<string, string>): string {
  return Buffer.from(serialize(fields)).toString('base64');
}
