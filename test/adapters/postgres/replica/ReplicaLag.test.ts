import { assert, describe, it } from "@effect/vitest"
import { Arbitrary } from "effect"
import {
  lagAt,
  maxPending,
  observePrimary,
  observeReplica,
  unknownLag
} from "../../../../src/adapters/postgres/replica/ReplicaLag.ts"
import { type PrimaryFacts, unfitness } from "../../../../src/adapters/postgres/replica/ServerFacts.ts"
import {
  firstPosition,
  furthestPosition,
  hasReached,
  LogPosition,
  offsetOf
} from "../../../../src/domain/shared/LogPosition.ts"
import { int } from "../../../../src/testing/Generators.ts"

/** A time at which the log is written, sampled or replayed by some bytes. */
const step = Arbitrary.all({ wait: int(0, 400), written: int(0, 3), replayed: int(0, 4) })

describe("the lag of a replica", () => {
  it.prop(
    "is never less than the age of the oldest change that it has not replayed, and little more than that",
    { steps: Arbitrary.array(step, { maxLength: 60 }) },
    ({ steps }) => {
      let lag = unknownLag
      let [now, written, replayed] = [0, 0, 0]
      const changes: Array<{ readonly offset: number; readonly at: number }> = []
      const samples: Array<number> = []
      for (const { wait, written: more, replayed: some } of steps) {
        now += wait
        lag = observePrimary(lag, { offset: BigInt(written), at: now })
        samples.push(now)
        for (let n = 0; n < more; n++) changes.push({ offset: ++written, at: now })
        replayed = Math.min(written, replayed + some)
        lag = observeReplica(lag, BigInt(replayed))
        const late = lagAt(lag, now)
        const missing = changes.find(({ offset }) => offset > replayed)
        if (missing !== undefined && late !== undefined) assert.isAtLeast(late, now - missing.at)
        // Of what was sampled before the first missing change, all is replayed.
        const known = samples.findLast((at) => missing === undefined || at < missing.at)
        if (known !== undefined) {
          assert.isDefined(late)
          assert.isAtMost(late ?? 0, now - known)
        }
      }
    }
  )

  it("stays small while nothing is written, and is unknown before anything is sampled", () => {
    assert.isUndefined(lagAt(observeReplica(unknownLag, 10n), 1))
    let lag = unknownLag
    for (let at = 0; at < 100_000; at += 250) {
      lag = observeReplica(observePrimary(lag, { offset: 10n, at }), 10n)
      assert.strictEqual(lagAt(lag, at + 1), 1)
    }
    assert.deepStrictEqual(lag.pending, [])
  })

  it("of a replica that stands still grows, in bounded memory, and shrinks when it has caught up", () => {
    let lag = observeReplica(observePrimary(unknownLag, { offset: 1n, at: 0 }), 1n)
    for (let n = 2; n < 3 * maxPending; n++) lag = observePrimary(lag, { offset: BigInt(n), at: n })
    assert.strictEqual(lag.pending.length, maxPending)
    assert.strictEqual(lagAt(lag, 5_000), 5_000)
    lag = observeReplica(lag, 10n)
    assert.strictEqual(lagAt(lag, 5_000), 4_990)
    lag = observeReplica(lag, 1_000_000n)
    lag = observeReplica(observePrimary(lag, { offset: 1_000_000n, at: 5_000 }), 1_000_000n)
    assert.strictEqual(lagAt(lag, 5_000), 0)
  })

  it("is forgotten with a primary whose log is shorter", () => {
    const lag = observeReplica(observePrimary(unknownLag, { offset: 5n, at: 0 }), 5n)
    const ahead = observePrimary(lag, { offset: 9n, at: 1 })
    assert.isUndefined(lagAt(observePrimary(ahead, { offset: 6n, at: 2 }), 2))
  })
})

describe("a replica", () => {
  const primary: PrimaryFacts = { system: "1", database: "5", timeline: 3, position: LogPosition.make("0/A") }
  const replica = {
    ...primary,
    started: "1",
    isStandby: true,
    replayed: LogPosition.make("0/A"),
    migration: 7
  }

  it("is fit if it follows this primary with the same tables", () => {
    assert.isUndefined(unfitness(primary, replica, 7))
    assert.isUndefined(unfitness(primary, { ...replica, replayed: firstPosition }, 7))
  })

  it("is not fit with other data, another database, another timeline or other tables, or once it is promoted", () => {
    const faults = [
      { system: "2" },
      { database: "6" },
      { timeline: 2 },
      { timeline: 4 },
      { migration: 6 },
      { migration: 8 },
      { isStandby: false }
    ]
    const reasons = faults.map((fault) => unfitness(primary, { ...replica, ...fault }, 7))
    assert.strictEqual(new Set(reasons).size, faults.length)
    assert.isFalse(reasons.includes(undefined))
  })
})

describe("a position of the log", () => {
  const bits = int(0, 0xffff_ffff)
  const hex = (value: number) => value.toString(16).toUpperCase()

  it.prop("is compared as a number", { a: bits, b: bits, c: bits, d: bits }, ({ a, b, c, d }) => {
    const [one, other] = [LogPosition.make(`${hex(a)}/${hex(b)}`), LogPosition.make(`${hex(c)}/${hex(d)}`)]
    assert.strictEqual(offsetOf(one), BigInt(a) * 2n ** 32n + BigInt(b))
    assert.strictEqual(hasReached(one, other), a > c || (a === c && b >= d))
    assert.isTrue(hasReached(furthestPosition, one) && hasReached(one, firstPosition))
  })
})
