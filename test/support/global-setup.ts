import { withoutProductVariables } from '../../sandbox/product-environment';
import { SharedServers } from './shared-servers';

declare global {
  var sharedServers: SharedServers | undefined;
}

/** Of the suites too, whose processes inherit this environment: an exported production file has no say in a test. */
function forgetProductVariables(): void {
  for (const [name, value] of Object.entries(withoutProductVariables())) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

export default async function setUp(): Promise<void> {
  forgetProductVariables();
  globalThis.sharedServers = await SharedServers.open();
}
