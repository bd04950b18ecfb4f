import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliReference } from '../src/cli/reference';

writeFileSync(join(__dirname, '..', 'docs', 'cli.md'), cliReference());
