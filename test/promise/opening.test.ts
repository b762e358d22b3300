import { type AddressInfo, createConnection, createServer } from "node:net"
import { Effect, Exit, Redacted, Scope } from "effect"
import pg from "pg"
import { afterAll, assert, describe, it } from "vitest"
import { createCommerce, isCommerceError } from "../../src/promise/index.ts"
import { freshDatabase } from "../support/postgres.ts"
import { refusing } from "../support/refusing.ts"
import { reasonOf } from "./support.ts"

const auth = { jwtSecret: "a secret of thirty-two bytes or more", bcryptCost: 4 }

describe("a commerce on a database with", () => {
  const scope = Scope.makeUnsafe()
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const open = (url: string, migrate = true) =>
    createCommerce({ auth, database: { url, migrate }, logger: {} }).then((commerce) => commerce.close())

  it.each(refusing)("%s does not open, and says PostgreSQL's reason", async (_, made, says) => {
    const url = await Effect.runPromise(Scope.provide(made, scope))
    const error = await reasonOf(open(url))
    assert.isTrue(isCommerceError(error))
    assert.strictEqual(Object(error)._tag, "DatabaseRefused")
    assert.match(Object(error).message, /^The database cannot be used: /)
    assert.match(Object(error).reason, says)
    assert.notMatch(Object(error).message, /\n|current transaction is aborted|hunter2/)
  })

  it.each(refusing.slice(0, 4))("%s is refused at the first attempt", async (_, made) => {
    const url = new URL(await Effect.runPromise(Scope.provide(made, scope)))
    let connections = 0
    const server = createServer((socket) => {
      connections += 1
      const upstream = createConnection(Number(url.port || 5432), url.hostname)
      upstream.on("error", () => socket.destroy()).pipe(socket)
      socket.on("error", () => upstream.destroy()).pipe(upstream)
    })
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
    })
    try {
      const through = Object.assign(new URL(url), { hostname: "127.0.0.1", port: String(port) })
      assert.strictEqual(Object(await reasonOf(open(through.href)))._tag, "DatabaseRefused")
      assert.strictEqual(connections, 1)
    } finally {
      server.close()
    }
  })

  it("tables that may not be changed does not open, migrated by this call or before", async () => {
    const url = new URL(Redacted.value(await Effect.runPromise(Scope.provide(freshDatabase, scope))))
    const admin = new pg.Client({ connectionString: url.href })
    await admin.connect()
    const username = `role_${crypto.randomUUID().replaceAll("-", "")}`
    const as = Object.assign(new URL(url), { username, password: "hunter2" }).href
    try {
      await admin.query(`CREATE ROLE ${username} LOGIN PASSWORD 'hunter2'`)
      await admin.query(`GRANT USAGE ON SCHEMA commerce TO ${username}`)
      await admin.query(`GRANT SELECT ON ALL TABLES IN SCHEMA commerce TO ${username}`)
      await admin.query(`GRANT INSERT, UPDATE, DELETE ON commerce.accounts TO ${username}`)
      for (const migrate of [true, false]) {
        assert.match(
          Object(await reasonOf(open(as, migrate))).reason,
          /^permission denied for categories, .*stock_adjustments\b.*\. Run: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "commerce" TO "role_/
        )
      }
      await admin.query(`GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA commerce TO ${username}`)
      for (const migrate of [true, false]) await open(as, migrate)
    } finally {
      await admin.query(`DROP OWNED BY ${username}`)
      await admin.query(`DROP ROLE ${username}`)
      await admin.end()
    }
  })
})
