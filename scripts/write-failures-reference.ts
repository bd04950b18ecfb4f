import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failuresReference } from './failures-reference';

writeFileSync(join(__dirname, '..', 'docs', 'failures.md'), failuresReference());
