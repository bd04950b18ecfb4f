#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

/** The command line as the build left it; from the sources where nothing has been built. */
const built = join(__dirname, '..', 'dist', 'src', 'cli', 'orders.js');
if (existsSync(built)) {
  require(built);
} else {
  require('tsx/cjs');
  require('../src/cli/orders.ts');
}
