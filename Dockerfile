# One image for api, relay and projector; the command says which. Built in one stage, run from another that holds no
# compiler, no development dependency and no test.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    RAPPORT_HOST=0.0.0.0 \
    RAPPORT_PORT=4100 \
    RAPPORT_DATA_DIR=/var/lib/rapport
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist/apps dist/apps
COPY --from=build /build/dist/libs dist/libs
COPY --from=build /build/dist/projections dist/projections
RUN install -d -o node -g node /var/lib/rapport
USER node
VOLUME /var/lib/rapport
EXPOSE 4100
# Alive, not ready: an instance that waits for a server must not be killed for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.RAPPORT_PORT}/health/live`).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "--v8-pool-size=1", "--max-semi-space-size=64", "dist/apps/api/main.js"]
