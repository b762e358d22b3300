import type { Browser } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import * as Memory from "../../src/adapters/memory/index.ts"
import { ok } from "../http/support/Expect.ts"
import { items, newProduct } from "../http/support/Given.ts"
import { open } from "../http/support/Shop.ts"
import type { Order, Page, Tokens } from "../http/support/Types.ts"
import { launch, missing } from "./support/Chromium.ts"
import { type DocsPage, visit } from "./support/DocsPage.ts"

const title = "The page that documents the API, in Chromium"

describe.skipIf(missing)(
  missing === undefined ? title : `${title} (skipped: ${missing})`,
  { timeout: 300_000 },
  () => {
    const shop = open({ stores: Memory.layer })
    let browser: Browser
    let page: DocsPage
    beforeAll(async () => {
      browser = await launch()
    })
    afterAll(() => browser.close())
    beforeEach(async () => {
      page = await visit(browser, shop.url())
    })
    afterEach(async () => {
      await page.close()
      expect(page.faults).toEqual([])
    })

    test("lists every endpoint, without anything from elsewhere", async () => {
      const { paths } = await shop.document()
      const calls = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
      )
      await expect
        .poll(async () => (await page.endpoints()).sort(), { timeout: 30_000 })
        .toEqual(calls.sort())
      await page.screenshot("test/artifacts/docs.png")
    })

    test.each([
      { colorScheme: "light", width: 1400 },
      { colorScheme: "light", width: 390 },
      { colorScheme: "dark", width: 1400 },
      { colorScheme: "dark", width: 390 }
    ] as const)("has contrast, a language and no scrolling sideways: %j", async (look) => {
      const seen = await visit(browser, shop.url(), look)
      expect(await seen.faintTexts()).toEqual([])
      expect(await seen.layout()).toEqual({ scrolled: 0, lang: "en" })
      await seen.screenshot(`test/artifacts/docs-${look.colorScheme}-${look.width}.png`)
      await seen.close()
      expect(seen.faults).toEqual([])
    })

    test("can be reached by the keyboard", async () => {
      await page.endpoints()
      const focused = new Set<string>()
      for (let n = 0; n < 100 && focused.size < 2; n++) focused.add(await page.tab())
      expect([...focused]).toEqual(expect.arrayContaining(["A", "BUTTON"]))
    })

    test("lets a person register, log in, order and pay", async () => {
      const product = await newProduct(shop)
      expect(await page.send("POST /auth/register")).toMatchObject({ status: "201 Created" })
      const login = await page.send("POST /auth/login")
      expect(login.status).toBe("200 OK")
      const { accessToken } = login.body as unknown as Tokens
      await page.authorize(accessToken)

      const placed = await page.send("POST /orders", { body: items([product, 2]) })
      expect(placed.status).toBe("201 Created")
      const order = placed.body as unknown as Order
      const ada = shop.bearer(accessToken)
      expect((await ok(ada.get<Page<Order>>("/orders"))).items).toEqual([order])

      const paid = await page.send("POST /orders/{id}/payments", { id: order.id })
      expect(paid).toMatchObject({ status: "201 Created", body: { orderId: order.id, orderStatus: "PAID" } })
      await page.screenshot("test/artifacts/docs-try.png")
    })
  }
)
