/** A shop that is open while its tests run: an admin, customers, and somebody without a token. */
import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, describe, expect } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import type { PaymentsSettings } from "../../../src/settings/PaymentsSettings.ts"
import { type Caller, type Line, makeCaller, type OpenApi } from "./Caller.ts"
import { created, ok } from "./Expect.ts"
import { type Parts, type Running, start } from "./Server.ts"
import type { Account, Tokens } from "./Types.ts"

export interface Customer extends Caller {
  readonly id: string
  readonly email: string
  readonly password: string
}

export interface TestShop {
  readonly admin: Caller & { readonly password: string }
  readonly nobody: Caller
  readonly newCustomer: () => Promise<Customer>
  /** Somebody with this token, whatever it is worth. */
  readonly bearer: (token: string) => Caller
  /** Makes another admin. */
  readonly newAdmin: () => Promise<void>
  /** Disables an account without asking an admin. */
  readonly disable: (account: { readonly id: string }) => Promise<void>
  readonly url: () => string
  readonly document: () => Promise<OpenApi>
  readonly logs: () => ReadonlyArray<string>
}

const newPassword = () => `password ${randomUUID()}`
export const newEmail = () => `${randomUUID()}@example.com`

/** Opens a shop before the tests of this block and closes it after them. */
export const open = (parts: Parts): TestShop => {
  let running: Promise<Running> | undefined
  let opened: Running | undefined
  const secrets: Array<string> = []
  const now = () => {
    if (running === undefined) throw new Error("The shop is closed")
    return running
  }
  let read: Promise<OpenApi> | undefined
  const document = () => {
    read ??= now().then(async ({ url }) => (await fetch(`${url}/openapi.json`)).json())
    return read
  }
  const bearer = (token: string | undefined) =>
    makeCaller(async (): Promise<Line> => ({ url: (await now()).url, document: await document(), token }))

  const nobody = bearer(undefined)

  const logIn = async (email: string, password: string) => {
    const { accessToken, refreshToken } = await ok(nobody.post<Tokens>("/auth/login", { email, password }))
    secrets.push(password, accessToken, refreshToken)
    return accessToken
  }

  const adminPassword = newPassword()
  let adminToken: Promise<string> | undefined
  const makeAdmin = async () => {
    const email = newEmail()
    await (await now()).createAdmin(email, adminPassword)
    return logIn(email, adminPassword)
  }
  const adminCaller = makeCaller(async () => {
    adminToken ??= makeAdmin()
    return { url: (await now()).url, document: await document(), token: await adminToken }
  })
  const admin = { ...adminCaller, password: adminPassword }

  const newCustomer = async () => {
    const [email, password] = [newEmail(), newPassword()]
    const { id } = await created(nobody.post<Account>("/auth/register", { email, password }))
    return { id, email, password, ...bearer(await logIn(email, password)) }
  }

  beforeAll(async () => {
    running = start(parts)
    opened = await running
  })
  afterAll(async () => {
    await opened?.stop()
    const log = opened?.logs.join("\n") ?? ""
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
  })

  const url = () => opened?.url ?? ""
  const newAdmin = async () => (await now()).createAdmin(newEmail(), newPassword())
  const disable = async ({ id }: { readonly id: string }) => (await now()).disable(id)
  return {
    admin,
    nobody,
    newCustomer,
    newAdmin,
    bearer,
    disable,
    url,
    document,
    logs: () => opened?.logs ?? []
  }
}

/** Tests of a shop whose stores are in memory; what SQL makes of the same is `postgres/smoke.test.ts`, and the laws. */
export const suite = (
  title: string,
  tests: (shop: TestShop) => void,
  rules: Pick<Parts, "stages" | "gateway"> & { readonly payments?: PaymentsSettings } = {}
) =>
  describe(title, () => {
    const { payments, ...parts } = rules
    const settings = { payments: { timeout: "2 seconds", ...payments } } as const
    tests(open({ stores: Memory.layer, ...parts, settings }))
  })
