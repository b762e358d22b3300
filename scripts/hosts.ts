/** The table of bundlers, runtimes and generators of clients, with the versions that are checked. */
import packageJson from "../package.json" with { type: "json" }
import { versions } from "../test/package/hosts/versions.ts"

const { devDependencies } = packageJson

const hosts = "`check:hosts`"
const both = "`check:package` and `check:hosts`"
const everyChange = "every change, and before a release"
const release = "before a release"

const rows: ReadonlyArray<ReadonlyArray<string>> = [
  [
    "Node",
    devDependencies.node,
    "every entry, the command, `createCommerce`",
    "all tests and `check:package`",
    "every change"
  ],
  ["Deno", versions.deno, "the command, `createCommerce`", hosts, release],
  ["Bun", versions.bun, "the command, `createCommerce`", hosts, release],
  ["Next", versions.next, "a route handler, built by Turbopack and by webpack", hosts, release],
  ["rolldown", devDependencies.rolldown, "a server and a browser client", both, everyChange],
  [
    "Vite",
    devDependencies.vite,
    "a server (`build --ssr`); a browser client",
    `${hosts}, \`test:system\``,
    release
  ],
  ["esbuild", versions.esbuild, "a server", hosts, release],
  ["webpack", versions.webpack, "a server", hosts, release],
  [
    "openapi-typescript",
    devDependencies["openapi-typescript"],
    "a client with openapi-fetch",
    `${hosts}, \`test:system\``,
    everyChange
  ],
  [
    "@hey-api/openapi-ts",
    versions["@hey-api/openapi-ts"],
    `a client with zod ${versions.zod}`,
    hosts,
    release
  ],
  ["orval", versions.orval, `a client, and schemas of zod ${versions.zod}`, hosts, release],
  [
    "openapi-zod-client",
    versions["openapi-zod-client"],
    `a client with zod ${versions["zod 3"]}`,
    hosts,
    release
  ],
  ["swagger-typescript-api", versions["swagger-typescript-api"], "a client", hosts, release],
  ["kubb", versions["@kubb/core"], "a client with its plugins ts and client", hosts, release]
]

export const hostTable = (): string =>
  [
    "| host | version | what runs | checked by | when |",
    "|---|---|---|---|---|",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`)
  ].join("\n")
