import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { cluster, hasPgBouncer, isInstalled, type Node, throughPgBouncer } from "./Patroni.ts"
import { failover, figures, firstOrderAfter, isJudged, migrated, openShop, workload } from "./support.ts"

type Cluster = Effect.Success<ReturnType<typeof cluster>>

interface Fault {
  readonly what: string
  readonly begin: (cluster: Cluster, leader: Node) => Promise<unknown>
  /** Makes the old leader a standby again. */
  readonly end: (leader: Node) => void
}

const faults: ReadonlyArray<Fault> = [
  {
    what: "the leader is killed",
    begin: (_, leader) => leader.machine.kill(),
    end: (leader) => leader.start()
  },
  {
    what: "the leader is frozen, and wakes when there is another",
    begin: async (_, leader) => leader.machine.freeze(),
    end: (leader) => leader.wake()
  },
  {
    what: "the leader hands over",
    begin: ({ switchover }, leader) => switchover(leader),
    end: () => {}
  }
]

/** Shops under load, directly and through PgBouncer. */
const shopsOf = Effect.fnUntraced(function* ({ url, port }: Cluster) {
  const direct = { name: "direct", shop: yield* openShop(url), mayMeetOther: false }
  if (!hasPgBouncer) return [direct]
  const pooled = yield* throughPgBouncer(port)
  const client = layerClient({ url: pooled, pooler: "transaction" })
  const shop = yield* openShop(pooled, { client })
  return [direct, { name: "through PgBouncer", shop, mayMeetOther: true }]
})

/** One change of the leader under load, of which nothing that was answered is lost. */
const change = Effect.fnUntraced(function* (
  { what, begin, end }: Fault,
  governed: Cluster,
  shops: Effect.Success<ReturnType<typeof shopsOf>>
) {
  const old = yield* Effect.promise(() => governed.leader())
  const loads = yield* Effect.forEach(shops, (one) =>
    Effect.map(workload(one.shop, 8), (load) => ({ ...load, ...one }))
  )
  yield* Effect.sleep("1 second")
  const begun = Date.now()
  const beginning = begin(governed, old.node)
  const { since } = yield* Effect.promise(() => governed.leader(old.node))
  yield* Effect.promise(() => beginning)
  end(old.node)
  const recoveries = yield* Effect.forEach(loads, ({ history }) => firstOrderAfter(history, since))
  yield* Effect.sleep("1 second")
  yield* Effect.forEach(loads, ({ stop }) => stop)
  for (const [index, { history, name }] of loads.entries()) {
    console.log(
      `${what}, ${name}: a new leader after ${since - begun} ms, the first order ${recoveries[index]} ms later; ${figures(history)}`
    )
  }
  assert.isBelow(Math.max(...recoveries), 10_000)
  for (const { history, mayMeetOther, shop } of loads) yield* isJudged(history, shop, { mayMeetOther })
  yield* Effect.promise(governed.settled)
})

describe.skipIf(!isInstalled)(
  "Patroni (needs patroni, etcd-server, haproxy and postgresql of Debian)",
  () => {
    failover(
      "behind HAProxy changes its leader, nothing answered is lost, and orders are placed again without a restart [D2] [D3]",
      Effect.gen(function* () {
        const governed = yield* cluster("one", "two")
        yield* migrated(governed.url)
        const shops = yield* shopsOf(governed)
        for (const fault of faults) yield* change(fault, governed, shops)
      })
    )
  }
)
