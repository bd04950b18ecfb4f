# syntax=docker/dockerfile:1

# Node.js 20, on which the tests run; any later one that package.json allows may be given. Debian, since Temporal's native core needs glibc.
ARG NODE_IMAGE=node:20.19.5-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script: native code comes as optional packages.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY bin ./bin
COPY scripts ./scripts
COPY src ./src
COPY sandbox ./sandbox
RUN npm run build
# The bill of materials of what the product runs with (CycloneDX), for whoever scans the image.
RUN npm run --silent sbom > sbom.json

FROM build AS packages
RUN npm prune --omit=dev --ignore-scripts

FROM ${NODE_IMAGE} AS base
# Loopback is of no use to probes and scrapers outside the container.
ENV NODE_ENV=production HTTP_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/bin ./bin
# So that what the runbook and the command line itself print, `orders …`, can be typed into a container as it stands.
RUN ln -s /app/bin/orders.js /usr/local/bin/orders
# Root owns the files and `node` (1000) runs them: nothing in the image can be changed from within. Nothing is written but to
# /tmp, so the root file system may be read-only.
USER 1000:1000
STOPSIGNAL SIGTERM

# The emulators of Salesforce and WHMCS, for `docker compose --profile sandbox up`. Never part of the product's image.
FROM base AS sandbox
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist/sandbox ./dist/sandbox
CMD ["node", "dist/sandbox/emulators.js"]

# One image for listener, worker, portal, codec server and `orders`; the command says which.
FROM base AS product
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist/src ./dist/src
COPY --from=build /app/sbom.json ./
ENV HTTP_PORT=8080
EXPOSE 8080 9464 9465
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["node", "bin/healthcheck.js"]
CMD ["node", "dist/src/processes/portal.js"]
