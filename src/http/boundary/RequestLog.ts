import { Clock, Context, Effect, type Exit, Metric, References } from "effect"
import { HttpMethod, HttpRouter, type HttpServerRequest, type HttpServerResponse } from "effect/http"

/** Whether every request is logged. Defaults to false. */
export const RequestLog = Context.Reference<boolean>("effect-commerce/http/RequestLog", {
  defaultValue: () => false
})

/** Facts about a request that become known while it is handled. */
interface RequestFacts {
  /** Route pattern with parameter names. */
  route: string
  accountId: string | undefined
}

const CurrentRequestFacts = Context.Reference<RequestFacts | undefined>(
  "effect-commerce/http/CurrentRequestFacts",
  {
    defaultValue: () => undefined
  }
)

/** The beginning of all routes that says no more than the label of the shop does. Defaults to none. */
export const ShopPath = Context.Reference<string>("effect-commerce/http/ShopPath", { defaultValue: () => "" })

/** Records the path of the route of a request. */
export const recordPath = (context: Context.Context<never>, path: string): void => {
  const known = Context.get(context, CurrentRequestFacts)
  if (known !== undefined) known.route = path.slice(Context.get(context, ShopPath).length) || "/"
}

/** Records the route of a request. Routes need this middleware to appear in logs and metrics. */
export const recordRoute = HttpRouter.middleware((app) =>
  Effect.withFiber(({ context }) => {
    recordPath(context, Context.getUnsafe(context, HttpRouter.RouteContext).route.path)
    return app
  })
).layer

/** Returns the context of a handler whose account is known: its request and its logs name the account. */
export const withKnownAccount =
  (accountId: string) =>
  <R>(context: Context.Context<R>): Context.Context<R> => {
    const known = Context.get(context as Context.Context<never>, CurrentRequestFacts)
    if (known !== undefined) known.accountId = accountId
    return Context.add(context, References.CurrentLogAnnotations, {
      ...Context.get(context as Context.Context<never>, References.CurrentLogAnnotations),
      accountId
    })
  }

/** Adds the account to a log entry outside of the handler, if it is known. */
export const withAccount = <A, E, R>(log: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(CurrentRequestFacts, (known) =>
    known?.accountId === undefined ? log : Effect.annotateLogs(log, { accountId: known.accountId })
  )

const durations = new Map<string, Metric.Histogram<number>>()

/** Methods and routes come from the code, which bounds the number of time series. */
const durationOf = (method: string, route: string, status: number): Metric.Histogram<number> => {
  const key = `${method} ${route} ${status}`
  const known = durations.get(key)
  if (known !== undefined) return known
  const series = Metric.histogram("commerce_http_request_seconds", {
    description: "Duration of HTTP requests in seconds",
    boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    attributes: { method, route, status: String(status) }
  })
  durations.set(key, series)
  return series
}

/** Probes and scrapes are frequent, so they are logged at debug level. */
const isRoutine = (route: string): boolean => /\/(health\/(live|ready)|metrics)$/.test(route)

/** Whether the request is a probe or a scrape. */
export const isRoutineRequest = Effect.map(
  CurrentRequestFacts,
  (known) => known !== undefined && isRoutine(known.route)
)

type ResponseExit = Exit.Exit<HttpServerResponse.HttpServerResponse, unknown>

/** Returns the status of a response. 499 (as in nginx) means that the client closed the connection first. */
const statusOf = (exit: ResponseExit): number => (exit._tag === "Success" ? exit.value.status : 499)

const log = ({
  accountId,
  ...facts
}: RequestFacts & { readonly method: string; readonly status: number; readonly milliseconds: number }) => {
  const { method, route, status } = facts
  const line = `${method} ${route} ${status}`
  return Effect.annotateLogs(
    isRoutine(route) ? Effect.logDebug(line) : Effect.logInfo(line),
    accountId === undefined ? facts : { ...facts, accountId }
  )
}

/** The measurement of one request. `record` is called with its exit, and `within` gives its handler a place for what becomes known of it. */
export const observeRequest = (
  request: HttpServerRequest.HttpServerRequest,
  context: Context.Context<never>,
  isLogged: boolean
) => {
  const method = HttpMethod.isHttpMethod(request.method) ? request.method : "OTHER"
  const known: RequestFacts = { route: "none", accountId: undefined }
  const clock = Context.get(context, Clock.Clock)
  const startedAt = clock.currentTimeNanosUnsafe()

  const record = (exit: ResponseExit): Effect.Effect<void> => {
    const status = statusOf(exit)
    const milliseconds = Number(clock.currentTimeNanosUnsafe() - startedAt) / 1e6
    durationOf(method, known.route, status).updateUnsafe(milliseconds / 1000, context)
    if (!isLogged) return Effect.void
    return log({ method, status, milliseconds: Math.round(milliseconds * 10) / 10, ...known })
  }
  return { record, within: Context.add(CurrentRequestFacts, known) }
}
