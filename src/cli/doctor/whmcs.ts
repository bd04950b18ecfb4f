import type { Cli } from '../cli';
import { fail, ok, warn, type Check, type CheckGroup, type Finding } from './check';

export function whmcsChecks(cli: Cli): CheckGroup {
  const credentials: Check = {
    name: 'credentials and IP',
    async run() {
      await cli.whmcs().probe.connection();
      return ok(`${new URL(cli.config.whmcs(cli.environment).apiUrl).host} accepts them`);
    },
  };
  return {
    system: 'whmcs',
    gate: credentials,
    checks: [
      { name: 'API role', run: () => role(cli) },
      { name: 'marker field', run: () => markerField(cli) },
      { name: 'payment method', run: () => paymentMethod(cli) },
    ],
  };
}

async function role(cli: Cli): Promise<Finding> {
  const verdicts = await cli.whmcs().probe.permissions();
  const refused = verdicts.filter(({ allowed }) => !allowed).map(({ action }) => action);
  if (refused.length === 0) return ok(`all ${verdicts.length} actions are allowed`);
  return fail(
    `the API role does not allow ${refused.join(', ')}`,
    'In WHMCS, Configuration, System Settings, Manage API Credentials, API Roles: tick them for the role of these credentials.',
  );
}

/** Product ids that Salesforce sells; undefined where Salesforce cannot be asked. */
async function soldProducts(cli: Cli): Promise<string[] | undefined> {
  try {
    return await cli.salesforce().probe.whmcsProductIds();
  } catch {
    // Its own checks say why.
    return undefined;
  }
}

async function markerField(cli: Cli): Promise<Finding> {
  const { markerField: name } = cli.config.whmcs(cli.environment);
  const [products, sold] = await Promise.all([cli.whmcs().probe.products(), soldProducts(cli)]);
  const marked = new Map(products.map(({ whmcsProductId, hasMarkerField }) => [whmcsProductId, hasMarkerField]));
  const wanted = sold ?? [...marked.keys()];
  const list = (ids: readonly string[]) => ids.join(', ');

  const unknown = wanted.filter((id) => !marked.has(id));
  if (unknown.length > 0) {
    return fail(
      `products in Salesforce refer to WHMCS product ${list(unknown)}, which WHMCS does not have`,
      'Correct the WHMCS product id on those products in Salesforce.',
    );
  }
  const bare = wanted.filter((id) => marked.get(id) === false);
  const repair = `In WHMCS, add to each the custom field "${name}": Text Box, Admin Only, Show on Order Form.`;
  if (bare.length > 0 && sold !== undefined) {
    return fail(
      `WHMCS product ${list(bare)} is sold and has no "${name}"; an order of it could not be told from another`,
      repair,
    );
  }
  if (bare.length > 0) {
    return warn(`WHMCS product ${list(bare)} has no "${name}"; whether it is sold, Salesforce does not say`, repair);
  }
  if (wanted.length === 0) {
    return warn('no active product in Salesforce has a WHMCS product id', 'Put the ids on the products that are sold.');
  }
  return ok(`all ${wanted.length} products that are sold have "${name}"`);
}

async function paymentMethod(cli: Cli): Promise<Finding> {
  const { paymentMethod: wanted } = cli.config.whmcs(cli.environment);
  const methods = await cli.whmcs().probe.paymentMethods();
  if (methods.includes(wanted)) return ok(`${wanted} is active`);
  return fail(`WHMCS has no payment method ${wanted}`, `Set WHMCS_PAYMENT_METHOD to one of: ${methods.join(', ')}.`);
}
