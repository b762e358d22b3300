/** The page that documents the API, as a person uses it. */
import axe from "axe-core"
import type { Browser } from "playwright-core"
import { expect } from "vitest"

export interface Shown {
  readonly status: string
  readonly body: { readonly [field: string]: unknown }
}

/** What is typed in place of what a form holds already. */
export interface Typed {
  readonly id?: string
  readonly body?: object
}

export type DocsPage = Awaited<ReturnType<typeof visit>>

/** Opens the page in a window of its own, and notes all that goes wrong in it. */
export const visit = async (
  browser: Browser,
  url: string,
  {
    colorScheme = "light",
    width = 1400
  }: { readonly colorScheme?: "light" | "dark"; readonly width?: number } = {}
) => {
  const faults: Array<string> = []
  const context = await browser.newContext({ viewport: { width, height: 1000 }, colorScheme })
  await context.route(
    (address) => address.origin !== url,
    (route) => {
      faults.push(`asks for ${route.request().url()}`)
      return route.abort()
    }
  )
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  page.on("console", (line) => line.type() === "error" && faults.push(line.text()))
  page.on("pageerror", ({ message }) => faults.push(message))

  await page.goto(`${url}/docs`)
  const client = page.getByRole("dialog", { name: "API Client" })
  const endpoints = page.getByRole("list", { name: / endpoints$/ }).getByRole("listitem")

  /** What is typed is taken after a moment, which the snippet of code shows. */
  const taken = async (text: string) => {
    const snippet = client.getByRole("region", { name: /^Code Snippet/ })
    const closed = client.getByRole("button", { name: "Code Snippet (Collapsed)" })
    if (await closed.isVisible()) await closed.click()
    await expect.poll(() => snippet.innerText(), { timeout: 30_000 }).toContain(text)
  }

  /** Opens the form of an endpoint, changes what it holds, sends it, and reads the answer. */
  const send = async (call: string, { id, body }: Typed = {}): Promise<Shown> => {
    const label = `Test Request (${call.replace(/^\w+/, (method) => method.toLowerCase())})`
    await page.getByRole("button", { name: label }).click()
    if (id !== undefined) {
      await client.getByRole("region", { name: "Variables" }).getByRole("textbox").last().click()
      await page.keyboard.insertText(id)
      await taken(`/${id}`)
    }
    if (body !== undefined) {
      await client.getByRole("region", { name: "Request Body" }).getByRole("textbox").click()
      await page.keyboard.press("ControlOrMeta+A")
      await page.keyboard.insertText(JSON.stringify(body))
      await taken(JSON.stringify(body, null, 2))
    }
    await client.getByRole("button", { name: /^Send Request/ }).click()
    const response = client.getByRole("region", { name: "Response", exact: true })
    const status = await response.getByText(/^\d{3} /).innerText()
    await response.getByText("{").first().waitFor()
    const [json = ""] = /\{.*\}/s.exec(await response.innerText()) ?? []
    await client.getByRole("button", { name: "Close Client" }).click()
    return { status, body: JSON.parse(json) }
  }

  /** Texts whose contrast is less than WCAG 2.2 AA asks for, as axe finds them. */
  const faintTexts = async (): Promise<ReadonlyArray<string>> => {
    await page.getByRole("heading", { name: "Accounts" }).first().waitFor()
    // Through the debugger, because the policy of the page forbids other scripts.
    await page.evaluate(axe.source)
    return page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run({
        runOnly: { type: "rule", values: ["color-contrast", "html-has-lang", "document-title"] }
      })
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, target, failureSummary }) => `${id} ${target} ${html} ${failureSummary}`)
      )
    })
  }

  return {
    faintTexts,
    /** How far the page can be scrolled sideways, and its language. */
    layout: () =>
      page.evaluate(() => {
        scrollTo(1000, 0)
        return { scrolled: scrollX, lang: document.documentElement.lang }
      }),
    /** Presses the tab key, and returns what has the focus then. */
    tab: async () => {
      await page.keyboard.press("Tab")
      return page.evaluate(() => document.activeElement?.tagName ?? "")
    },
    /** What went wrong so far: errors in the console, scripts and addresses that the policy of the page forbids. */
    faults,
    /** The endpoints that it lists, such as `GET /orders`. */
    endpoints: async () => (await endpoints.allInnerTexts()).map((text) => text.replace(/\s+/, " ")),
    send,
    authorize: (token: string) => page.getByRole("textbox", { name: "Bearer Token" }).first().fill(token),
    screenshot: (path: string) => page.screenshot({ path }),
    close: () => context.close()
  }
}
