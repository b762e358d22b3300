/** What hosts have in common: a directory with exact versions, and an order over HTTP. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { end, equal, folder, launch, start } from "../support.ts"

export interface Host {
  readonly name: string
  readonly packages: Readonly<Record<string, string>>
  /** Tries the host in its directory, where its packages are installed. */
  readonly tryOut: (host: Installed) => Promise<unknown>
}

export interface Installed {
  readonly cwd: string
  /** Runs a command of an installed package, or Node. Returns its output. */
  readonly run: (
    command: string,
    args: ReadonlyArray<string>,
    env?: NodeJS.ProcessEnv,
    code?: number
  ) => Promise<string>
  readonly install: (...packages: ReadonlyArray<string>) => Promise<string>
  readonly name: string
}

/** What hosts use beside their own packages. */
export interface Surroundings {
  readonly tarball: string
  /** URL of a PostgreSQL server. */
  readonly database: string
  /** URL of the packed server. */
  readonly api: () => Promise<string>
}

/** Packages that run a script of theirs to be installed. */
const allowScripts = { bcrypt: true, bun: true, deno: true, esbuild: true, sharp: true }

/** Downloads all: what the npm cache of a machine holds changes nothing. */
const npm = { npm_config_cache: join(folder, "npm") }

export const directoryOf = ({ name }: Pick<Host, "name">) => join(folder, name.replace(/\W+/g, "-"))

/** Installs a host with plain `npm install` into an empty directory. */
export const install = async ({ name, packages }: Host): Promise<Installed> => {
  const cwd = directoryOf({ name })
  const bin = join(cwd, "node_modules/.bin")
  const env = { ...npm, PATH: `${bin}:${process.env.PATH}` }
  const installMore = (...more: ReadonlyArray<string>) =>
    start("npm", ["install", "--no-audit", "--no-fund", ...more], cwd, env)
  mkdirSync(cwd)
  writeFileSync(
    join(cwd, "package.json"),
    JSON.stringify({ private: true, type: "module", allowScripts, dependencies: packages })
  )
  await installMore()
  return {
    name,
    cwd,
    run: (command, args, more = {}, code = 0) => start(command, args, cwd, { ...env, ...more }, code),
    install: installMore
  }
}

/** Starts a server, and stops it after its use with SIGTERM. `ready` finds its URL in its output. */
export const withServer = async <A>(
  { cwd }: Pick<Installed, "cwd">,
  [command = "", ...args]: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv,
  ready: RegExp,
  use: (url: string) => Promise<A>
): Promise<A> => {
  const path = `${join(cwd, "node_modules/.bin")}:${process.env.PATH}`
  const { child, output } = launch(command, args, cwd, { ...env, PATH: path })
  try {
    for (let tries = 0; ; tries++) {
      const url = ready.exec(output())?.[1]
      if (url !== undefined) return await use(url)
      if (tries > 600 || child.exitCode !== null) throw new Error(`it does not listen\n${output()}`)
      await sleep(250)
    }
  } finally {
    await end(child)
  }
}

const send = async (url: string, body: object, token?: string) => {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` })
  }
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
  const text = await response.text()
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${text}`)
  return JSON.parse(text) as Record<string, string>
}

const password = "battery staple horse"

/** Environment of a server with an admin and simulated payments. */
export const serverEnv = {
  PORT: "0",
  PAYMENTS: "simulated",
  JWT_SECRET: "at least thirty-two bytes, from a vault",
  ADMIN_EMAIL: "admin@example.com",
  ADMIN_PASSWORD: password
}

/** Adds a mug as admin. Returns its id. */
export const addMug = async (api: string) => {
  const { accessToken } = await send(`${api}/auth/login`, { email: serverEnv.ADMIN_EMAIL, password })
  const { id: categoryId } = await send(`${api}/categories`, { name: crypto.randomUUID() }, accessToken)
  const price = { amount: 1999, currency: "USD" }
  const { id } = await send(`${api}/products`, { categoryId, name: "Mug", price, stock: 5 }, accessToken)
  return id
}

/** Registers a customer, who places an order and pays it. */
export const buy = async (api: string, productId: string | undefined) => {
  const credentials = { email: `${crypto.randomUUID()}@example.com`, password }
  await send(`${api}/auth/register`, credentials)
  const { accessToken } = await send(`${api}/auth/login`, credentials)
  const { id } = await send(`${api}/orders`, { items: [{ productId, quantity: 1 }] }, accessToken)
  const payment = await send(`${api}/orders/${id}/payments`, { paymentMethod: "sim_approve" }, accessToken)
  equal(payment.orderStatus, "PAID")
}

/** Sends a request without a body, and returns the text of a success. */
export const ask = async (url: string, method = "GET") => {
  const response = await fetch(url, { method })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return text
}
