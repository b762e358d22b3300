import { describe, expect, test } from "vitest"
import type { Shop } from "../../src/promise/index.ts"
import { engines } from "./support.ts"

const password = "a password of the same account"
const email = "admin@example.com"

const ask = async (
  shop: Shop,
  path: string,
  { body, token = "" }: { body?: object; token?: string } = {}
) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
  const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) }
  const response = await shop.handler(new Request(`https://shop.example${path}`, init))
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

for (const { name, open } of engines) {
  describe(`handlers of shops on ${name}`, () => {
    const commerce = open()

    test("each has its own accounts and products, whatever the first request was", async () => {
      const shops = [await commerce().shop("acme"), await commerce().shop("globex"), commerce()]
      for (const shop of shops) await shop.accounts.ensureAdmin({ email, password })
      const bodies = [{}, { email }, { email, password }]
      for (const shop of shops) {
        const statuses: Array<number> = []
        for (const body of bodies) statuses.push((await ask(shop, "/auth/login", { body })).status)
        expect(statuses).toEqual([400, 400, 200])
      }
      for (const shop of shops) {
        const token = (await ask(shop, "/auth/login", { body: { email, password } })).body.accessToken ?? ""
        const category = await ask(shop, "/categories", { body: { name: "Mugs" }, token })
        expect(category.status).toBe(201)
        for (const other of shops) {
          expect((await ask(other, "/orders", { token })).status).toBe(other === shop ? 200 : 401)
        }
      }
    })
  })
}
