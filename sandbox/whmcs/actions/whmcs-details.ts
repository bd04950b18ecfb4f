import type { Action } from '../action';

/** The release whose API the emulator follows. */
export const VERSION = { version: '8.12.0', canonicalversion: '8.12.0-release.1' };

/** WhmcsDetails. */
export const whmcsDetails: Action = () => ({ whmcs: VERSION });
