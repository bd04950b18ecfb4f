import { CacheConnection } from '../../../src/cache';
import { Gate } from './truth';

/** A connection whose scripts on the path of a read can be held back one by one, as a slow process would hold them. */
export class HeldConnection extends CacheConnection {
  readonly gate = new Gate();

  override async readScript(...args: Parameters<CacheConnection['readScript']>): Promise<unknown> {
    await this.gate.pass();
    return super.readScript(...args);
  }
}
