# effect-commerce serve, with the embedded database or PostgreSQL: see docs/deployment.md.
#   docker build -t effect-commerce .
#   docker run --read-only --tmpfs /tmp -v effect-commerce:/data -p 127.0.0.1:3000:3000 effect-commerce

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# No package runs a script: none of them is needed here, and bcrypt brings its binaries.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# The embedded database, which is an optional peer.
COPY --from=build /src/node_modules/@electric-sql/pglite node_modules/@electric-sql/pglite

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/data \
    LOG_FORMAT=json
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /src/dist dist
COPY package.json LICENSE ./
# The only directory that the server writes to. With DATABASE_URL it writes to none.
RUN mkdir /data && chown 1000:1000 /data && chmod 700 /data
VOLUME /data
# A number, so that Kubernetes sees that it is not root (runAsNonRoot).
USER 1000:1000
EXPOSE 3000
# Live, not ready: restarting the server does not repair the database.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["node", "dist/cli/health.js"]
# The server itself is process 1, so that it gets SIGTERM. With WORKERS it is the primary, which passes signals on.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve"]
