import { document, type ProblemDetails, type ProblemType } from "../api/Problem.ts"
import { problemTypes } from "../api/ProblemTypes.ts"

const notFound: ProblemType = { status: 404, code: "shop-not-found", title: "Shop not found" }

/** Seconds after which a client may ask again for a shop that cannot be opened. */
const retryAfter = "1"

/** The answer to a request whose shop cannot be opened. */
export interface ShopProblem {
  readonly body: ProblemDetails
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Describes why the shop of a request cannot be opened. Tables that do not fit are an outage for the customers of that shop. Nothing of the
 * request has been done.
 */
export const shopProblem = ({
  _tag,
  message
}: {
  readonly _tag: string
  readonly message: string
}): ShopProblem => {
  if (_tag === "ShopNotFound") return { body: document(notFound, message), headers: {} }
  if (_tag === "InvalidInput") return { body: document(notFound, "No shop has this name."), headers: {} }
  const unavailable = document(problemTypes.StoreUnavailable, "The shop cannot be opened now.")
  return {
    body: Object.assign(unavailable, { outcome: "notApplied" }),
    headers: { "retry-after": retryAfter }
  }
}
