/** Ways to make a history say something else than what happened. */
import type { Completion, History, Method, Rule } from "../../../src/testing/judge/index.ts"
import { customerId, type Scene } from "./scene.ts"

export interface Tampering {
  readonly does: string
  readonly tamper: (history: History, scene: Scene) => History
  /** All that must be found. */
  readonly breaks: (scene: Scene) => ReadonlyArray<readonly [Rule, string]>
}

type Value = { readonly id: string; readonly [field: string]: unknown }
type Change = (end: Completion, index: number) => Completion

/** Changes how the calls of a method end: all of them, or those that contain a text. */
const ends =
  (method: Method, change: Change, about: (scene: Scene) => string = () => "") =>
  (history: History, scene: Scene): History => {
    const asked = history.flatMap((event) =>
      event.type === "invoke" && event.method === method && JSON.stringify(event).includes(about(scene))
        ? [event.call]
        : []
    )
    return history.map((event) =>
      event.type === "invoke" || !asked.includes(event.call)
        ? event
        : change(event, asked.indexOf(event.call))
    )
  }

const value =
  <A = Value>(change: (value: A) => unknown): Change =>
  (end) => ({
    ...end,
    value: change(end.value as A)
  })

const items = (change: (items: ReadonlyArray<Value>) => ReadonlyArray<unknown>) =>
  value<ReadonlyArray<Value>>(change)

/** Changes the call with this number only: 0 is the first. */
const nth =
  (n: number, change: Change): Change =>
  (end, index) =>
    index === n ? change(end, index) : end

const fails =
  (error: object, type: "fail" | "info" = "fail"): Change =>
  ({ value, replayed, ...end }) => ({ ...end, type, error })
const unknown = fails({ _tag: "StoreUnavailable", outcome: "unknown" }, "info")
const notApplied = fails({ _tag: "StoreUnavailable", outcome: "notApplied" })

/** Leaves out the calls of some methods that contain a text, and the feed, which shows everything. */
const withoutReads = (history: History, about: string): History => {
  const reads = history.flatMap((event) =>
    event.type === "invoke" &&
    (event.method === "orders.feed" ||
      (/\.(get|list)$/.test(event.method) && JSON.stringify(event.input).includes(about)))
      ? [event.call]
      : []
  )
  return history.filter(({ call }) => !reads.includes(call))
}

const another = "00000000-0000-7000-8000-00000000dead"
const placeKey = `${customerId} / place order / place-key`
const units = ({ green, black }: Scene) =>
  [
    ["stock", green.id],
    ["stock", black.id]
  ] as const

/** The answer to a call of a method about a text. */
const answerTo = (history: History, method: Method, about: string): Value => {
  const asked = history.find(
    (event) => event.type === "invoke" && event.method === method && JSON.stringify(event).includes(about)
  )
  const end = history.find((event) => event.type === "ok" && event.call === asked?.call) as Completion
  return end.value as Value
}

const durability: ReadonlyArray<Tampering> = [
  {
    does: "says that an order was placed that does not exist",
    tamper: ends(
      "orders.place",
      value((order) => ({ ...order, id: another })),
      () => '"created"'
    ),
    breaks: (scene) => [["durability", another], ...units(scene)]
  },
  {
    does: "shows another total of an order",
    tamper: ends(
      "orders.get",
      value((order) => ({ ...order, total: 1 })),
      ({ created }) => created.id
    ),
    breaks: ({ created }) => [["durability", created.id]]
  },
  {
    does: "shows a version of an order that it has not reached",
    tamper: ends(
      "orders.get",
      value((order) => ({ ...order, version: 2 })),
      ({ created }) => created.id
    ),
    breaks: ({ created }) => [["durability", created.id]]
  },
  {
    does: "shows a version of an order with another status than its history has",
    tamper: ends(
      "orders.get",
      value((order) => ({ ...order, status: "FAILED" })),
      ({ paid }) => paid.id
    ),
    breaks: ({ paid }) => [["durability", paid.id]]
  },
  {
    does: "says that an approved payment was declined",
    tamper: (history, scene) =>
      ends(
        "payments.list",
        items(([payment]) => [{ ...payment, status: "DECLINED" }]),
        () => scene.shipped.id
      )(history, scene),
    breaks: ({ history, shipped }) => [["durability", answerTo(history, "payments.pay", shipped.id).id]]
  },
  {
    does: "says that an account was registered that does not exist",
    tamper: ends(
      "accounts.register",
      value((account) => ({ ...account, id: another }))
    ),
    breaks: () => [["durability", another]]
  },
  {
    does: "says that a product was created that does not exist",
    tamper: ends(
      "catalog.createProduct",
      value((product) => ({ ...product, id: another })),
      () => "Herbs"
    ),
    breaks: () => [["durability", another]]
  }
]

const refusal: ReadonlyArray<Tampering> = [
  {
    does: "says that an order was not placed that exists",
    tamper: (history, scene) =>
      ends("orders.place", notApplied, () => '"created"')(withoutReads(history, scene.created.id), scene),
    breaks: ({ created }) => [["refusal", created.id]]
  },
  {
    does: "says that an order was refused that exists",
    tamper: (history, scene) =>
      ends(
        "orders.place",
        fails({ _tag: "InsufficientStock" }),
        () => '"created"'
      )(withoutReads(history, scene.created.id), scene),
    breaks: ({ created }) => [["refusal", created.id]]
  },
  {
    does: "never asked for an order that exists",
    tamper: (history, { created }) =>
      withoutReads(history, created.id).filter((event) => {
        const asked = history.find(({ type, call }) => type === "invoke" && call === event.call)
        return !JSON.stringify(asked).includes('"created"')
      }),
    breaks: ({ created }) => [["refusal", created.id]]
  },
  {
    does: "says that an order was not shipped that was",
    tamper: ends("orders.ship", notApplied, ({ shipped }) => shipped.id),
    breaks: ({ shipped }) => [["refusal", shipped.id]]
  },
  {
    does: "says that an order was not expired that was",
    tamper: ends("orders.expire", notApplied),
    breaks: ({ expired }) => [["refusal", expired.id]]
  },
  {
    does: "says that an order was not cancelled that was",
    tamper: ends("orders.cancel", notApplied),
    breaks: ({ cancelled }) => [["refusal", cancelled.id]]
  },
  {
    does: "says that nothing of an order was taken back that was",
    tamper: ends("orders.returnItems", notApplied),
    breaks: ({ returned }) => [["refusal", returned.id]]
  },
  {
    does: "says that an order was not charged that was",
    tamper: (history, scene) =>
      ends(
        "payments.pay",
        notApplied,
        () => scene.shipped.id
      )(withoutReads(history, scene.shipped.id), scene),
    breaks: ({ history, shipped }) => [
      ["refusal", shipped.id],
      ["refusal", answerTo(history, "payments.pay", shipped.id).id]
    ]
  },
  {
    does: "says that units were not added that were",
    tamper: ends("catalog.adjustStock", notApplied, ({ black }) => black.id),
    breaks: ({ black }) => [["stock", black.id]]
  }
]

const idempotency: ReadonlyArray<Tampering> = [
  {
    does: "has two orders of one key",
    tamper: ends(
      "orders.place",
      nth(
        1,
        value((order) => ({ ...order, id: another }))
      ),
      () => "place-key"
    ),
    breaks: (scene) => [["idempotency", placeKey], ["durability", another], ...units(scene)]
  },
  {
    does: "has two answers of one key that are no replay",
    tamper: ends(
      "orders.place",
      (end) => ({ ...end, replayed: false }),
      () => "place-key"
    ),
    breaks: () => [["idempotency", placeKey]]
  },
  {
    does: "has a key that is refused after it succeeded",
    tamper: ends("orders.place", nth(1, fails({ _tag: "InsufficientStock" })), () => "place-key"),
    breaks: () => [["idempotency", placeKey]]
  },
  {
    does: "has a key that succeeds for another request",
    tamper: (history) => {
      const last = history.findLast(
        (event) => event.type === "invoke" && JSON.stringify(event).includes("ship-key")
      )
      return history.map((event) => (event === last ? { ...event, input: another } : event))
    },
    breaks: () => [["idempotency", "warehouse 7 / ship order / ship-key"]]
  },
  {
    does: "has two answers of one key that differ",
    tamper: ends(
      "catalog.adjustStock",
      nth(
        1,
        value((product) => ({ ...product, stock: 1 }))
      ),
      () => "stock-key"
    ),
    breaks: () => [["idempotency", "system / adjust stock / stock-key"]]
  },
  {
    does: "has two payments of one key",
    tamper: ends(
      "payments.pay",
      nth(
        1,
        value((payment) => ({ ...payment, id: another }))
      ),
      () => "pay-key"
    ),
    breaks: () => [
      ["idempotency", "anna / pay order / pay-key"],
      ["durability", another]
    ]
  }
]

const recency: ReadonlyArray<Tampering> = [
  {
    does: "reads an earlier version of an order than was answered before",
    tamper: (history, scene) =>
      ends(
        "orders.get",
        value(() => answerTo(history, "orders.ship", scene.completed.id)),
        () => scene.completed.id
      )(history, scene),
    breaks: ({ completed }) => [["recency", completed.id]]
  },
  {
    does: "does not find an order that was placed before",
    tamper: (history, scene) =>
      ends(
        "orders.get",
        fails({ _tag: "OrderNotFound", orderId: scene.keyed.id }),
        () => scene.keyed.id
      )(history, scene),
    breaks: ({ keyed }) => [["recency", keyed.id]]
  },
  {
    does: "reads a payment as pending that was approved before",
    tamper: ends(
      "payments.list",
      items(([payment]) => [{ ...payment, status: "PENDING" }]),
      ({ shipped }) => shipped.id
    ),
    breaks: ({ history, shipped }) => [["recency", answerTo(history, "payments.pay", shipped.id).id]]
  }
]

const feed: ReadonlyArray<Tampering> = [
  {
    does: "skips an event of the feed",
    tamper: ends(
      "orders.feed",
      nth(
        0,
        items(([first, , ...others]) => [first, ...others])
      )
    ),
    breaks: ({ keyed }) => [["feed", keyed.id]]
  },
  {
    does: "begins after the first event of the feed",
    tamper: ends(
      "orders.feed",
      nth(
        0,
        items(([, ...others]) => others)
      )
    ),
    breaks: ({ created }) => [["feed", created.id]]
  },
  {
    does: "has an event of the feed twice",
    tamper: ends(
      "orders.feed",
      nth(
        0,
        items(([first, ...others]) => [first, first, ...others])
      )
    ),
    breaks: ({ created }) => [["feed", created.id]]
  },
  {
    does: "has two events of the feed in another order",
    tamper: ends(
      "orders.feed",
      nth(
        0,
        items(([first, second, ...others]) => [second, first, ...others])
      )
    ),
    breaks: ({ created }) => [["feed", created.id]]
  },
  {
    does: "has an event of the feed that is gone",
    tamper: ends(
      "orders.feed",
      nth(
        0,
        items(([first, ...others]) => [
          first,
          ...others,
          { ...first, sequence: 9, position: `1:999:${another}:9` }
        ])
      )
    ),
    breaks: ({ created }) => [
      ["feed", created.id],
      ["durability", created.id]
    ]
  },
  {
    does: "has another actor of an event of the feed",
    tamper: ends(
      "orders.feed",
      nth(
        0,
        items(([first, ...others]) => [{ ...first, actor: "nobody" }, ...others])
      )
    ),
    breaks: ({ created }) => [["feed", created.id]]
  },
  {
    does: "could not use a position that the feed returned",
    tamper: (history, scene) => {
      const page = answerTo(history, "orders.feed", "") as unknown as ReadonlyArray<Value>
      const position = page.at(-1)?.position
      return ends("orders.feed", nth(1, fails({ _tag: "PositionUnknown", position })))(history, scene)
    },
    breaks: ({ paid }) => [["feed", paid.id]]
  }
]

/** What may be said, because it says no more than what happened. */
export const trueHistories: ReadonlyArray<Omit<Tampering, "breaks">> = [
  {
    does: "does not know of an order that was placed",
    tamper: (history, scene) =>
      ends("orders.place", unknown, () => '"created"')(withoutReads(history, scene.created.id), scene)
  },
  {
    does: "does not know of a key's order, twice",
    tamper: (history, scene) =>
      ends("orders.place", unknown, () => "place-key")(withoutReads(history, scene.keyed.id), scene)
  },
  {
    does: "does not know of a payment, a step and an adjustment that were made",
    tamper: (history, scene) =>
      [
        ends("payments.pay", unknown, () => scene.shipped.id),
        ends("orders.ship", unknown, () => scene.shipped.id),
        ends("catalog.adjustStock", unknown, () => scene.black.id)
      ].reduce((all, end) => end(all, scene), withoutReads(history, scene.shipped.id))
  },
  {
    does: "has no end of calls that did not happen",
    tamper: (history, { black }) => [
      ...history,
      ...(["orders.place", "catalog.adjustStock"] as const).map((method, call) => ({
        type: "invoke" as const,
        process: "killed",
        call,
        time: Date.now(),
        method,
        input: { customerId, items: [{ productId: black.id, quantity: 5 }], productId: black.id, delta: 50 }
      }))
    ]
  }
]

export const tamperings = [...durability, ...refusal, ...idempotency, ...recency, ...feed]
