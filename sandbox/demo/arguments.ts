import { parseArgs } from 'node:util';
import { parsed, UsageError } from '../start/usage';

export interface DemoArguments {
  /** Leave everything running when the story is told. */
  keep: boolean;
  /** Provision on a platform event; the change events then only invalidate. */
  dual: boolean;
}

export const DEMO_USAGE = `Usage: npm run demo [-- options]
  --mode cdc|dual  provision on change events (cdc), or on platform events (dual)
  --keep           leave everything running, and tell how to drive it
`;

/** @throws UsageError */
export function parseDemoArguments(args: string[]): DemoArguments | 'help' {
  const { values } = parsed(() =>
    parseArgs({
      args,
      options: {
        keep: { type: 'boolean', default: false },
        mode: { type: 'string', default: 'cdc' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }),
  );
  if (values.help) return 'help';
  if (values.mode !== 'cdc' && values.mode !== 'dual')
    throw new UsageError(`--mode is cdc or dual, not ${values.mode}`);
  return { keep: values.keep, dual: values.mode === 'dual' };
}
