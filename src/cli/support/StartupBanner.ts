import { existsSync } from "node:fs"
import path from "node:path"
import { Console, Effect } from "effect"
import { HttpServer } from "effect/http"
import { firstAdmin } from "../../adapters/postgres/accounts/AccountRecords.ts"
import { type Admin, embeddedEmail } from "./Admin.ts"
import { commandLine } from "./CommandLine.ts"
import { unreachable } from "./Layers.ts"
import { isSimulated, type Settings } from "./Settings.ts"

/** Prints the addresses, the location of the data, and the admin to standard output. */
export const announce = Effect.fnUntraced(function* (read: Settings, admin: Admin | undefined) {
  const server = yield* HttpServer.HttpServer
  const address = HttpServer.formatAddress(server.address)
  const credentials = admin && JSON.stringify({ email: admin.email, password: admin.password })
  const lines = [
    "effect-commerce is ready",
    `  API    ${address}`,
    `  docs   ${address}/docs`,
    `  data   ${whereDataIs(read)}`
  ]
  lines.push(
    isSimulated(read)
      ? "  pay    simulated: customers approve their own payments, and no money moves (PAYMENTS=simulated)"
      : "  pay    recorded: customers cannot pay here, the shop records its charges (PAYMENTS=recorded)"
  )
  const who = yield* whoIsAdmin(read, admin)
  if (who !== undefined) lines.push(`  admin  ${who}`)
  lines.push(
    admin?.password === undefined
      ? `  try    curl ${address}/products`
      : `  try    curl ${address}/auth/login -H 'Content-Type: application/json' -d '${credentials}'`
  )
  yield* Console.log(lines.join("\n"))
})

const whoIsAdmin = (read: Settings, admin: Admin | undefined) =>
  admin !== undefined
    ? Effect.succeed(`${admin.email}${aboutPassword(read, admin)}`)
    : Effect.map(Effect.mapError(firstAdmin(read.database.schema), unreachable), (email) =>
        email !== undefined
          ? undefined
          : `none yet: set ADMIN_EMAIL and ADMIN_PASSWORD, or run ${commandLine("create-admin")}`
      )

const aboutPassword = ({ server: { adminEmail } }: Settings, { email, password }: Admin): string => {
  if (adminEmail !== undefined || email !== embeddedEmail) return ""
  return password === undefined
    ? ` (its password was shown at the first start; ${commandLine("create-admin")} creates another admin while no server runs)`
    : `, password ${password} (created now, shown once)`
}

const whereDataIs = ({ database: { embedded, schema, url } }: Settings): string => {
  if (url !== undefined) return `PostgreSQL at DATABASE_URL, schema ${schema}`
  return embedded === "memory"
    ? "embedded PostgreSQL in memory, lost when the server stops"
    : `embedded PostgreSQL in ${path.resolve(embedded)}`
}

/** Announces the creation of an embedded database, which takes seconds. */
export const sayIfFirst = ({ database: { embedded, url } }: Settings) => {
  const directory = path.resolve(embedded)
  return url === undefined && embedded !== "memory" && !existsSync(directory)
    ? Console.log(`Creating the embedded database in ${directory}. This takes a few seconds`)
    : Effect.void
}
