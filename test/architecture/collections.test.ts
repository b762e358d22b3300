import { describe, expect, test } from "vitest"
import { allLongLived, longLived } from "./collections.ts"

/** It ends with the call, batch or statement that makes it: its functions run within that alone. */
const call = "ends with its call"

/** Made from code or settings: no request adds to it. */
const fixed = "has an entry for each of what the code or the settings name"

/**
 * Every collection, queue and semaphore of the library that a nested function changes, and what bounds it. The bytes of those that clients
 * fill are measured by `test/http/security/memory.test.ts`.
 */
const bounds: Readonly<Record<string, string>> = {
  "adapters/bcrypt.ts: queueSlots":
    "a permit for each thread and 100 waiting passwords of at most 1,000 characters; more are refused",
  "adapters/bcrypt.ts: threads": "waiting jobs hold a permit of queueSlots",
  "adapters/jose.ts: entries":
    "10,000 verified tokens, each by its hash, with the id and role that the shop has signed",
  "adapters/memory/MemoryTransactions.ts: turn": call,
  "adapters/memory/MemoryShopDirectory.ts: shops": "shops that the host has created",
  "adapters/pglite/DataLock.ts: heldLocks": fixed,
  "adapters/pglite/WireProtocolStream.ts: parts": "one message of the driver",
  "adapters/postgres/client/ConnectionPool.ts: abandoned": "connections of the pool",
  "adapters/postgres/client/ConnectionPool.ts: connections": "connections of the pool",
  "adapters/postgres/client/ConnectionPool.ts: pool": "the setting database.pool",
  "adapters/postgres/client/OpenConnection.ts: unreachable": fixed,
  "adapters/postgres/client/shared/PostgresJs.ts: #scopes": "transactions that are open on one connection",
  "adapters/postgres/execution/Batcher.ts: queue":
    "4,096 requests (Limits.maxQueuedRequests); more wait, as the connections of clients do",
  "adapters/postgres/execution/Batcher.ts: unanswered":
    "requests in flight, each of one connection of a client",
  "adapters/postgres/execution/HotRows.ts: inFlight": "batches in flight (Limits.batchesInFlight)",
  "adapters/postgres/execution/LockWaits.ts: running": "the connections of the pool",
  "adapters/postgres/execution/LockWaits.ts: waiting": "the connections of the pool",
  "adapters/postgres/execution/LockWaits.ts: waits": "rows that requests in flight wait for",
  "adapters/postgres/execution/PoolShare.ts: permits": "the connections of the pool",
  "adapters/postgres/execution/PoolShare.ts: waiting": "the connections of the pool",
  "adapters/postgres/execution/SharedReads.ts: fork":
    "statements for reads in flight, of 128 reads at most each",
  "adapters/postgres/execution/SharedReads.ts: groups": "reads in flight, each of one connection of a client",
  "adapters/postgres/execution/SharedReads.ts: unanswered":
    "reads in flight, each of one connection of a client",
  "adapters/postgres/host-transaction/HostConnection.ts: statementLock":
    "calls within one transaction of the host",
  "adapters/postgres/host-transaction/Placeholders.ts: values": call,
  "adapters/postgres/idempotency/DecideWithKeys.ts: fulfilled": call,
  "adapters/postgres/idempotency/DecideWithKeys.ts: refused": call,
  "adapters/postgres/orders/AdvanceOrders.ts: advanced": call,
  "adapters/postgres/orders/AdvanceOrders.ts: changes": call,
  "adapters/postgres/orders/AdvanceOrders.ts: orders": call,
  "adapters/postgres/orders/DecidePlacements.ts: placed": call,
  "adapters/postgres/orders/DecidePlacements.ts: remaining": call,
  "adapters/postgres/orders/DecidePlacements.ts: unitsTaken": call,
  "adapters/postgres/payments/BeginPayments.ts: begun": call,
  "adapters/postgres/payments/BeginPayments.ts: pending": call,
  "adapters/postgres/payments/SettlePayments.ts: changes": call,
  "adapters/postgres/payments/SettlePayments.ts: ended": call,
  "adapters/postgres/payments/SettlePayments.ts: operations": call,
  "adapters/postgres/payments/SettlePayments.ts: orders": call,
  "adapters/postgres/payments/SettlePayments.ts: payments": call,
  "adapters/postgres/payments/SettlePayments.ts: settled": call,
  "adapters/postgres/payments/SettlePayments.ts: steps": call,
  "adapters/postgres/replica/ReplicaWatch.ts: reading": "reads in flight, each of one connection of a client",
  "adapters/simulated-payments.ts: timedOut": "filled with the option faults alone, which is for tests",
  "cli/support/AllShops.ts: failed": call,
  "cli/support/Channel.ts: unanswered":
    "attempts of requests in flight, and scrapes, each for 5 seconds at most",
  "cli/support/Handover.ts: untaken":
    "a connection for each port: the next is handed over when it is acknowledged",
  "cli/support/HttpServer.ts: activeResponses":
    "10,000 connections with 32 requests at most; their unsent bytes have a budget of 16 MiB",
  "cli/support/ReadTurns.ts: handledUntil": "64 reads that are handled at once",
  "cli/support/HttpServer.ts: unused": "10,000 connections",
  "cli/support/ReadTurns.ts: waiting": "10,000 connections with 32 requests at most, each with its head",
  "cli/support/Workers.ts: running": "the setting WORKERS, and as many that are replaced",
  "cli/support/Workers.ts: serving": "the setting WORKERS",
  "domain/fulfilment/Stage.ts: owners": fixed,
  "domain/fulfilment/Units.ts: wanted": call,
  "http/boundary/BoundedPage.ts: items": call,
  "http/boundary/FeedReaders.ts: polls":
    "100 readers that wait (LongPolling.maxWaiting), each at one position",
  "http/boundary/JsonWriter.ts: instants": "10,000 instants, each with its text of 26 characters",
  "http/boundary/RequestLog.ts: durations": "known methods, routes and statuses of the code",
  "http/security/BoundedRateLimitStore.ts: counters":
    "20,000 counters in each store, each with a key of at most 64 characters and an operation",
  "promise/BeforeCommit.ts: running": "calls in flight of the host's own function",
  "promise/InFlightCalls.ts: #open": "calls in flight of the host",
  "http/shops/ShopApps.ts: apps": "one for each shop that exists and was asked for in the last 10 minutes",
  "cli/support/Workers.ts: stores": "four for each shop that exists",
  "services/ShopMap.ts: map": "shops that exist, without those that were idle for 10 minutes",
  "services/ShopsMaintenance.ts: guarded": fixed,
  "telemetry/Metrics.ts: all": "tags of errors, outcomes and operations of the code"
}

describe("What outlives a call", () => {
  test("is listed with its bound, and nothing else", () => {
    const found = allLongLived("src").filter((name) => !/^(testing|cli\/extras)\//.test(name))
    expect(found).toEqual(Object.keys(bounds).sort())
  })

  test.each([
    ["const seen = new Map()\nexport const f = (key) => { seen.set(key, 1) }", "seen"],
    ["export const make = () => { const seen = new Set<string>()\nreturn (key) => seen.add(key) }", "seen"],
    ["export class A { readonly #open = new Set()\nf(call) { this.#open.add(call) } }", "#open"],
    ["const waiting: Array<string> = []\nexport const f = (one) => waiting.push(one)", "waiting"],
    ["const g = function* () { const cache = yield* Cache.make({ capacity: 5 }) }", "cache"]
  ])("is found: %s", (text, name) => {
    expect(longLived("a.ts", text)).toEqual([`a.ts: ${name}`])
  })

  test("is not what a call uses itself", () => {
    const text =
      "export const f = (keys) => { const seen = new Set()\nfor (const key of keys) seen.add(key)\nreturn seen }"
    expect(longLived("a.ts", text)).toEqual([])
  })
})
