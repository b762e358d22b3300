/** TLS to a real server, with certificates of an authority of the test's own. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Redacted, Scope } from "effect"
import pg from "pg"
import { afterAll, beforeAll } from "vitest"
import { connectionOpener, urlOf } from "../../../../src/adapters/postgres/client/OpenConnection.ts"
import { createCommerce } from "../../../../src/promise/index.ts"
import { embeddedServer } from "../../../support/EmbeddedServer.ts"
import { newDirectory } from "../../../support/lasting.ts"

/** An authority, and a certificate of it for a host and for a client. */
const makeCertificates = async () => {
  const directory = await newDirectory()
  const openssl = (...args: ReadonlyArray<string>) =>
    execFileSync("openssl", args, { cwd: directory, stdio: ["ignore", "ignore", "pipe"] })
  const authority = (name: string) =>
    openssl(
      ..."req -x509 -newkey rsa:2048 -nodes -days 2".split(" "),
      ...["-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", `/CN=${name}`]
    )
  const certificate = (name: string, subject: string, names: string) => {
    openssl(
      ..."req -newkey rsa:2048 -nodes".split(" "),
      ...["-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${subject}`, "-addext", names]
    )
    openssl(
      ..."x509 -req -days 2 -CAcreateserial -copy_extensions copy -CA right.pem -CAkey right.key".split(" "),
      ...["-in", `${name}.csr`, "-out", `${name}.pem`]
    )
  }
  authority("right")
  authority("wrong")
  certificate("server", "localhost", "subjectAltName=DNS:localhost")
  certificate("client", "postgres", "subjectAltName=DNS:client")
  return (name: string) => join(directory, name)
}

describe("A connection with TLS", () => {
  const scope = Scope.makeUnsafe()
  let file: (name: string) => string
  let server = ""
  let plain = ""

  const at = (host: string, query: string) => {
    const url = new URL(server)
    return `postgres://${url.username}:${url.password}@${host}:${url.port}/postgres${query}`
  }

  const administer = async (url: string, statements: ReadonlyArray<string>) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }

  beforeAll(async () => {
    file = await makeCertificates()
    const start = embeddedServer({ durable: false })
    server = await Effect.runPromise(Scope.provide(start, scope))
    plain = await Effect.runPromise(Scope.provide(start, scope))
    // The server writes its key itself, since it must own it.
    const write = (name: string, as: string) =>
      `COPY (SELECT 1) TO PROGRAM $sh$umask 077; cat > ${as} <<'PEM'\n${readFileSync(file(name), "utf8")}PEM\n$sh$`
    await administer(server, [
      write("server.key", "tls.key"),
      write("server.pem", "tls.pem"),
      write("right.pem", "ca.pem"),
      "ALTER SYSTEM SET ssl_key_file = 'tls.key'",
      "ALTER SYSTEM SET ssl_cert_file = 'tls.pem'",
      "ALTER SYSTEM SET ssl_ca_file = 'ca.pem'",
      "ALTER SYSTEM SET ssl = on",
      "SELECT pg_reload_conf()",
      "SELECT pg_sleep(0.5)"
    ])
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  /** Whether the server sees TLS and the client's certificate. */
  const connect = (text: string) =>
    Effect.gen(function* () {
      const url = Redacted.make(text)
      const open = connectionOpener(yield* urlOf(url), { url, prepare: true, connectTimeout: "20 seconds" })
      const { driver, socket } = yield* open
      const before = socket.bytesRead + socket.bytesWritten
      const { rows } = yield* driver.query(
        "SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        [],
        false
      )
      // Silence is found by this traffic.
      assert.isAbove(socket.bytesRead + socket.bytesWritten, before)
      return rows[0] as { readonly ssl: boolean; readonly client_dn: string | null }
    }).pipe(Effect.scoped, Effect.runPromise)

  it.each([
    ["", false],
    ["?sslmode=disable", false],
    ["?ssl=false", false],
    ["?sslmode=allow", false],
    ["?sslmode=prefer", true],
    ["?sslmode=require", true],
    ["?ssl=true", true],
    ["?ssl=true&channel_binding=prefer", true],
    ["?sslmode=require&sslrootcert=RIGHT", true],
    ["?sslmode=verify-ca&sslrootcert=RIGHT", true],
    ["?sslmode=verify-full&sslrootcert=RIGHT", true]
  ])("%s is as libpq means it", async (query, ssl) => {
    assert.strictEqual((await connect(at("localhost", query.replace("RIGHT", file("right.pem"))))).ssl, ssl)
  })

  it("verify-ca accepts any host of the right authority, verify-full only the host of the certificate", async () => {
    const query = (mode: string) => `?sslmode=${mode}&sslrootcert=${file("right.pem")}`
    assert.isTrue((await connect(at("127.0.0.1", query("verify-ca")))).ssl)
    assert.match(
      await failureOf(at("127.0.0.1", query("verify-full"))),
      /does not match certificate's altnames|IP: 127/
    )
  })

  it("carries the certificate of the client", async () => {
    const query = `?sslmode=require&sslcert=${file("client.pem")}&sslkey=${file("client.key")}`
    assert.strictEqual((await connect(at("localhost", query))).client_dn, "/CN=postgres")
  })

  it("goes on in plain text only if the mode allows it and the server has no TLS", async () => {
    assert.isFalse((await connect(`${plain}?sslmode=prefer`)).ssl)
    assert.match(await failureOf(`${plain}?sslmode=require`), /does not support TLS/)
  })

  /** Why a commerce does not open: an error of our table, which no repetition mends. */
  const failureOf = async (url: string): Promise<string> => {
    const error = await createCommerce({
      auth: { jwtSecret: "a secret of thirty-two bytes or more" },
      database: { url },
      logger: {}
    }).then(
      (commerce) => commerce.close(),
      (reason) => reason
    )
    assert.strictEqual(Object(error)._tag, "DatabaseRefused")
    return Object(error).reason
  }

  it.each([
    ["verify-full of the wrong authority", "?sslmode=verify-full&sslrootcert=WRONG", /certificate/],
    ["verify-ca of the wrong authority", "?sslmode=verify-ca&sslrootcert=WRONG", /certificate/],
    ["require with the wrong authority", "?sslmode=require&sslrootcert=WRONG", /certificate/],
    ["verify-full of an authority that only we know", "?sslmode=verify-full", /certificate/],
    ["verify-full of the system's authorities", "?sslmode=verify-full&sslrootcert=system", /certificate/],
    [
      "a file that is not there",
      "?sslmode=verify-full&sslrootcert=/no/such.pem",
      /sslrootcert: \/no\/such\.pem cannot be read \(ENOENT\)/
    ]
  ])("%s is refused", async (_, query, says) => {
    assert.match(await failureOf(at("localhost", query.replace("WRONG", file("wrong.pem")))), says)
  })
})
