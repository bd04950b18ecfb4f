/* eslint-disable @typescript-eslint/no-require-imports -- import() of a CommonJS build needs file extensions, and is asynchronous for nothing */
import type * as Config from '../config';
import type * as Doctor from './doctor';
import type * as Cache from './systems/cache';
import type * as Listener from './systems/listener';
import type * as Redis from './systems/redis';
import type * as Temporal from './systems/temporal';
import type * as Vendors from './systems/vendors';

/**
 * Modules that are loaded when a verb first needs them. The clients of Temporal, Salesforce and Redis take most of a second to load,
 * and `orders --help`, a mistyped id or a completion should not wait for them.
 */
export const late = {
  config: () => require('../config') as typeof Config,
  doctor: () => require('./doctor') as typeof Doctor,
  cache: () => require('./systems/cache') as typeof Cache,
  listener: () => require('./systems/listener') as typeof Listener,
  redis: () => require('./systems/redis') as typeof Redis,
  temporal: () => require('./systems/temporal') as typeof Temporal,
  vendors: () => require('./systems/vendors') as typeof Vendors,
};
