import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Layer } from "effect"
import type { Browser } from "playwright-core"
import { build, type PreviewServer, preview } from "vite"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as Memory from "../../src/adapters/memory/index.ts"
import { CorsOrigins } from "../../src/http/index.ts"
import { newProduct } from "../http/support/Given.ts"
import { open } from "../http/support/Shop.ts"
import { launch, missing } from "./support/Chromium.ts"

const title = "The typed client on a page that Vite has built, in Chromium"

/** Builds the page, and serves it from an origin of its own. */
const servePage = async (outDir: string): Promise<PreviewServer> => {
  const usual = { configFile: false, root: join(import.meta.dirname, "page"), logLevel: "warn" } as const
  await build({
    ...usual,
    build: { outDir, emptyOutDir: true, target: "es2024" },
    resolve: { conditions: ["effect-commerce-source", "module", "browser", "production"] }
  })
  return preview({ ...usual, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } })
}

describe.skipIf(missing)(
  missing === undefined ? title : `${title} (skipped: ${missing})`,
  { timeout: 300_000 },
  () => {
    const shop = open({ stores: Memory.layer, exposure: Layer.succeed(CorsOrigins, ["*"]) })
    let directory: string
    let browser: Browser
    let page: PreviewServer
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "effect-commerce-page-"))
      page = await servePage(join(directory, "dist"))
      browser = await launch()
    })
    afterAll(async () => {
      await browser?.close()
      await page?.close()
      await rm(directory, { recursive: true, force: true })
    })

    test("registers, logs in, orders, pays and reads a refusal on a server of another origin", async () => {
      await newProduct(shop)
      const address = page.resolvedUrls?.local[0] ?? ""
      expect(new URL(address).origin).not.toBe(shop.url())
      const window = await browser.newPage()
      const faults: Array<string> = []
      window.on("console", (line) => line.type() === "error" && faults.push(line.text()))
      await window.goto(`${address}?server=${encodeURIComponent(shop.url())}`)
      await expect
        .poll(() => window.locator("output").textContent(), { timeout: 30_000 })
        .toBe(JSON.stringify({ replayed: "true", paid: "PAID", refusal: "InsufficientStock" }))
      // The browser itself notes the refusal, and nothing else.
      expect(faults.filter((fault) => !fault.includes("409"))).toEqual([])
    })
  }
)
