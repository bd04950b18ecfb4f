#!/usr/bin/env node
'use strict';

/** Exits 0 when the process in this container answers GET /healthz on HTTP_PORT, else 1. For the image's HEALTHCHECK. */
fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/healthz`, { signal: AbortSignal.timeout(3_000) }).then(
  (response) => process.exit(response.ok ? 0 : 1),
  () => process.exit(1),
);
