import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { type HttpApi, type HttpApiGroup, HttpApiScalar } from "effect/http-api"
import { policy } from "../security/SecurityHeaders.ts"
import { docsCss, loadingCss } from "./DocsStyle.ts"
import { onlyMethods } from "./MethodNotAllowed.ts"
import { type StaticFile, sendFile, staticFile } from "./StaticFile.ts"

/** Whether there is a documentation page. Defaults to `on`. */
export const DocsPage = Context.Reference<"on" | "off">("effect-commerce/http/DocsPage", {
  defaultValue: () => "on"
})

/** Icon of a shopping bag. */
const favicon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 5h12l1 10H1z'/%3E%3Cpath d='M5 7V4a3 3 0 0 1 6 0v3' fill='none' stroke='gray'/%3E%3C/svg%3E"

/** The page loads nothing from other servers, and offers no feature that sends the API description to one. */
const scalar = {
  favicon,
  authentication: { preferredSecurityScheme: "bearer" },
  defaultOpenAllTags: true,
  withDefaultFonts: false,
  hideModels: true,
  hideClientButton: true,
  showDeveloperTools: "never",
  customCss: docsCss
}

/** Content Security Policy: the page may run scripts of this server only, and connect to this server only. */
const pagePolicy = policy([
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "connect-src 'self'"
])

/** A page that shows something at once. Its addresses are relative, so it works under any base path. */
const pageOf = (title: string, scripts: ReadonlyArray<string>) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}: API</title>
    <link rel="icon" href="${favicon}">
    <style>${loadingCss}</style>
${scripts.map((name) => `    <script defer src="docs/${name}"></script>`).join("\n")}
  </head>
  <body>
    <div id="api-reference-container">
      <main class="loading">
        <h1>${title}</h1>
        <p>Loading the documentation of the API …</p>
        <noscript><p>This page needs JavaScript. <a href="openapi.json">openapi.json</a> describes the same API.</p></noscript>
      </main>
    </div>
  </body>
</html>
`

/** Returns the page that Scalar makes of the API, with the scripts in it. */
const scalarPage = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
) =>
  Effect.gen(function* () {
    const routes = Layer.provideMerge(HttpApiScalar.layer(api, { scalar }), Layer.fresh(HttpRouter.layer))
    const router = Context.get(yield* Layer.build(routes), HttpRouter.HttpRouter)
    const request = HttpServerRequest.fromWeb(new Request("http://localhost/docs"))
    const { body } = yield* Effect.provideService(
      router.asHttpEffect(),
      HttpServerRequest.HttpServerRequest,
      request
    )
    return new TextDecoder().decode(body._tag === "Uint8Array" ? body.body : new Uint8Array())
  }).pipe(Effect.scoped, Effect.orDie)

/** The files change with their names, so that browsers never ask for them again. */
const scriptHeaders = {
  "content-type": "text/javascript; charset=utf-8",
  "cache-control": "public, max-age=31536000, immutable"
}

const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-cache",
  "content-security-policy": pagePolicy
}

interface DocsFiles {
  readonly page: StaticFile
  /** By their names. */
  readonly scripts: ReadonlyMap<string, StaticFile>
}

const filesOf = async (html: string): Promise<DocsFiles> => {
  const [, title = ""] = /<title>(.*?)<\/title>/s.exec(html) ?? []
  const texts = Array.from(html.matchAll(/<script>(.*?)<\/script>/gs), ([, script = ""]) => script)
  const files = await Promise.all(texts.map((script) => staticFile(script, scriptHeaders)))
  const scripts = new Map(files.map((file) => [`${file.hash}.js`, file]))
  return { page: await staticFile(pageOf(title, [...scripts.keys()]), pageHeaders), scripts }
}

/** The boundary renders it as any other path that does not exist. */
const notFound = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
  Effect.die(new HttpServerError.HttpServerError({ reason: new HttpServerError.RouteNotFound({ request }) }))
)

/**
 * Provides `GET /docs`, the interactive documentation of the API, and `GET /` that leads there. The page is small, and its scripts are files
 * of their own. All is made by the first request.
 */
export const docs = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const files = yield* Effect.cached(
        Effect.flatMap(scalarPage(api), (html) => Effect.promise(() => filesOf(html)))
      )
      const script = Effect.gen(function* () {
        const { file = "" } = yield* HttpRouter.params
        const found = (yield* files).scripts.get(file)
        return yield* found === undefined ? notFound : sendFile(found)
      })
      return Layer.mergeAll(
        HttpRouter.add(
          "GET",
          "/docs",
          Effect.flatMap(files, ({ page }) => sendFile(page))
        ),
        HttpRouter.add("GET", "/docs/:file", script),
        onlyMethods("/docs", ["GET"]),
        onlyMethods("/docs/:file", ["GET"])
      )
    })
  )

/** Provides `GET /`, which leads to a path. */
export const rootLeadsTo = (path: string) =>
  Layer.merge(
    HttpRouter.add("GET", "/", HttpServerResponse.empty({ status: 302, headers: { location: path } })),
    onlyMethods("/", ["GET"])
  )
