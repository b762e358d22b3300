import { Clock, Context, Effect, type Exit, Metric } from "effect"
import { HttpMethod, HttpRouter, HttpServerRequest, type HttpServerResponse } from "effect/http"

/** Whether each request gets a line in the log; not if absent. */
export const RequestLog = Context.Reference<boolean>("effect-commerce/http/RequestLog", {
  defaultValue: () => false
})

/** What becomes known of a request while it is answered. */
interface Known {
  /** As it is registered, with the names of its parameters. */
  route: string
  accountId: string | undefined
}

const KnownOfRequest = Context.Reference<Known | undefined>("effect-commerce/http/KnownOfRequest", {
  defaultValue: () => undefined
})

/** Tells which route a request takes; routes are built on top of it. */
export const recordRoute = HttpRouter.middleware((app) =>
  Effect.withFiber(({ context }) => {
    const known = Context.get(context, KnownOfRequest)
    if (known !== undefined) known.route = Context.getUnsafe(context, HttpRouter.RouteContext).route.path
    return app
  })
).layer

/** Tells whose request it is: the log says so from now on. */
export const identified = <A, E, R>(
  answer: Effect.Effect<A, E, R>,
  accountId: string
): Effect.Effect<A, E, R> =>
  Effect.flatMap(KnownOfRequest, (known) => {
    if (known !== undefined) known.accountId = accountId
    return Effect.annotateLogs(answer, { accountId })
  })

/** Logs outside of that too with the account, if it is known by then. */
export const withAccount = <A, E, R>(log: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(KnownOfRequest, (known) =>
    known?.accountId === undefined ? log : Effect.annotateLogs(log, { accountId: known.accountId })
  )

const durations = new Map<string, Metric.Histogram<number>>()

/** Methods and routes are those of the code, so that there are never many series. */
const durationOf = (method: string, route: string, status: number): Metric.Histogram<number> => {
  const key = `${method} ${route} ${status}`
  const known = durations.get(key)
  if (known !== undefined) return known
  const series = Metric.histogram("commerce_http_request_seconds", {
    description: "How long requests took to be answered",
    boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    attributes: { method, route, status: String(status) }
  })
  durations.set(key, series)
  return series
}

/** Machines ask these all the time. */
const isRoutine = (route: string): boolean => /\/(health\/(live|ready)|metrics)$/.test(route)

type Answered = Exit.Exit<HttpServerResponse.HttpServerResponse, unknown>

/** 499, as nginx has it, if the client did not wait for the answer. */
const statusOf = (exit: Answered): number => (exit._tag === "Success" ? exit.value.status : 499)

const log = ({
  accountId,
  ...facts
}: Known & { readonly method: string; readonly status: number; readonly milliseconds: number }) => {
  const { method, route, status } = facts
  const line = `${method} ${route} ${status}`
  return Effect.annotateLogs(
    isRoutine(route) ? Effect.logDebug(line) : Effect.logInfo(line),
    accountId === undefined ? facts : { ...facts, accountId }
  )
}

/** Measures how long a request takes to be answered, and logs it if that is wanted. */
export const observeRequest =
  (logged: boolean) =>
  <E, R>(answer: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const method = HttpMethod.isHttpMethod(request.method) ? request.method : "OTHER"
      const known: Known = { route: "none", accountId: undefined }
      const begun = yield* Clock.currentTimeNanos

      const tell = Effect.fnUntraced(function* (exit: Answered) {
        const status = statusOf(exit)
        const millis = Number((yield* Clock.currentTimeNanos) - begun) / 1e6
        yield* Metric.update(durationOf(method, known.route, status), millis / 1000)
        if (logged) yield* log({ method, status, milliseconds: Math.round(millis * 10) / 10, ...known })
      })
      return yield* Effect.onExit(Effect.provideService(answer, KnownOfRequest, known), tell)
    })
