import { SharedServers } from './shared-servers';

declare global {
  var sharedServers: SharedServers | undefined;
}

export default async function setUp(): Promise<void> {
  globalThis.sharedServers = await SharedServers.open();
}
