import { assert, describe } from "@effect/vitest"
import { Effect, type Redacted } from "effect"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import { cluster, hasPgBouncer, isInstalled, type Node, throughPgBouncer } from "./Patroni.ts"
import {
  agrees,
  failover,
  figures,
  firstOrderAfter,
  hasReadAll,
  isRight,
  migrated,
  openShop,
  workload
} from "./support.ts"

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
    begin: (_, leader) => leader.freeze(),
    end: (leader) => leader.machine.wake()
  },
  {
    what: "the leader hands over",
    begin: ({ switchover }, leader) => switchover(leader),
    end: () => {}
  }
]

/** One change of the leader under load, of which nothing that was answered is lost. */
const change = Effect.fnUntraced(function* (
  { what, begin, end }: Fault,
  governed: Cluster,
  { url, pooler }: { readonly url: Redacted.Redacted; readonly pooler: "off" | "transaction" }
) {
  const old = yield* Effect.promise(() => governed.leader())
  const shop = yield* openShop(url, { client: layerClient({ url, pooler }) })
  const { ledger, reader, stop } = yield* workload(shop)
  yield* Effect.sleep("1 second")
  const begun = Date.now()
  const beginning = begin(governed, old.node)
  const { since } = yield* Effect.promise(() => governed.leader(old.node))
  yield* Effect.promise(() => beginning)
  end(old.node)
  const recovery = yield* firstOrderAfter(ledger, since)
  yield* Effect.sleep("1 second")
  yield* stop
  console.log(
    `${what}: a new leader after ${since - begun} ms, the first order ${recovery} ms later; ${figures(ledger)}`
  )
  assert.isBelow(recovery, 10_000)
  yield* agrees(ledger, shop)
  yield* hasReadAll(reader, shop)
  yield* isRight(shop)
  yield* Effect.promise(governed.settled)
})

describe.skipIf(!isInstalled)(
  "Patroni (needs patroni, etcd-server, haproxy and postgresql of Debian)",
  () => {
    failover(
      "behind HAProxy changes its leader, nothing answered is lost, and orders are placed again without a restart",
      Effect.gen(function* () {
        const governed = yield* cluster("one", "two")
        yield* migrated(governed.url)
        for (const fault of faults) yield* change(fault, governed, { url: governed.url, pooler: "off" })
        if (!hasPgBouncer) return
        const url = yield* throughPgBouncer(governed.port)
        for (const fault of faults) yield* change(fault, governed, { url, pooler: "transaction" })
      })
    )
  }
)
