'use strict';
/** `node rebundle.cjs BUILD`: makes the workflow code of a build anew, after one of its files has changed. */
const { rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const folder = join(process.argv[2], 'src', 'temporal');
const bundle = join(folder, 'workflow-bundle.js');
rmSync(bundle, { force: true });
require(join(folder, 'worker.js'))
  .bundleWorkflows()
  .then(({ code }) => writeFileSync(bundle, code));
