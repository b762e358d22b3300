import { Effect } from "effect"
import { PaymentSettled } from "../../../domain/payments/Payment.ts"
import {
  firstTime,
  type IdempotencyClaim,
  IdempotencyKeyReused,
  type IdempotentResult,
  replayed
} from "../../../domain/shared/Idempotency.ts"
import { OrderStore } from "../../../ports/OrderStore.ts"
import { PaymentStore } from "../../../ports/PaymentStore.ts"
import { newAttempt, newAttribution, newClaim, newWord, order, orderIn, shop } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { changesNothing } from "../operations/ShopSnapshot.ts"
import { idempotencyCases } from "./IdempotencyCase.ts"

type Case = (typeof idempotencyCases)[number]

const enabled = (prepare: Case["prepare"]) => Effect.tap(prepare, ({ enable }) => enable)

const lawsOf = ({ name, operation, prepare }: Case): ReadonlyArray<Law> => [
  law(
    `to ${name} again with the same key returns the first result and changes nothing`,
    Effect.gen(function* () {
      const testCase = yield* enabled(prepare)
      const idempotency = yield* newClaim(operation)
      const first = yield* testCase.call(idempotency)
      yield* same({ ...first, effects: yield* testCase.effects }, { ...first, replayed: false, effects: 1 })
      for (let n = 0; n < 3; n++) {
        const again = yield* changesNothing(testCase.shop, testCase.call(idempotency))
        yield* same({ ...again, effects: yield* testCase.effects }, { ...first, replayed: true, effects: 1 })
      }
    })
  ),

  law(
    `to ${name} again with the same key returns the first result also after later changes [I4]`,
    Effect.gen(function* () {
      const testCase = yield* enabled(prepare)
      const idempotency = yield* newClaim(operation)
      const { value: first } = yield* testCase.call(idempotency)
      yield* testCase.changeLater
      const again = yield* changesNothing(testCase.shop, testCase.call(idempotency))
      yield* same(again, {
        value: testCase.currentState === undefined ? first : yield* testCase.currentState,
        replayed: true
      })
    })
  ),

  law(
    `to ${name} with the key of another request is refused and changes nothing`,
    Effect.gen(function* () {
      const testCase = yield* enabled(prepare)
      const idempotency = yield* newClaim(operation)
      const reused = new IdempotencyKeyReused({ key: idempotency.key })
      yield* testCase.call(idempotency)
      const another = testCase.call({ ...idempotency, fingerprint: "another request" })
      yield* changesNothing(testCase.shop, refused(another, reused))
      yield* testCase.changeLater
      yield* changesNothing(testCase.shop, refused(another, reused))
    })
  ),

  law(
    `a refusal to ${name} leaves the key unused`,
    Effect.gen(function* () {
      const testCase = yield* prepare
      const idempotency = yield* newClaim(operation)
      yield* changesNothing(
        testCase.shop,
        Effect.flip(testCase.call({ ...idempotency, fingerprint: "another request" }))
      )
      yield* changesNothing(testCase.shop, Effect.flip(testCase.call(idempotency)))
      yield* testCase.enable
      const first = yield* testCase.call(idempotency)
      yield* same({ ...first, effects: yield* testCase.effects }, { ...first, replayed: false, effects: 1 })
      yield* same(yield* testCase.call(idempotency), { ...first, replayed: true })
    })
  ),

  law(
    `ten concurrent calls to ${name} with one key: one has an effect, and all return its result [I1]`,
    Effect.gen(function* () {
      const testCase = yield* enabled(prepare)
      const idempotency = yield* newClaim(operation)
      const [results, refusals] = yield* concurrently(
        Array.from({ length: 10 }, () => testCase.call(idempotency))
      )
      const [first] = results.filter(({ replayed }) => !replayed)
      const expected = Array.from({ length: 10 }, (_, i) => ({ value: first?.value, replayed: i > 0 }))
      const inOrder = results.sort((a, b) => Number(a.replayed) - Number(b.replayed))
      yield* same({ refusals, results: inOrder }, { refusals: [], results: expected })
      yield* same(yield* testCase.effects, 1)
    })
  ),

  law(
    `ten concurrent calls to ${name} with one key and different requests: one succeeds and nine are refused`,
    Effect.gen(function* () {
      const testCase = yield* enabled(prepare)
      const idempotency = yield* newClaim(operation)
      const [results, refusals] = yield* concurrently(
        Array.from({ length: 10 }, (_, i) => testCase.call({ ...idempotency, fingerprint: `request ${i}` }))
      )
      const reused = new IdempotencyKeyReused({ key: idempotency.key })
      const nine = Array.from({ length: 9 }, () => reused)
      yield* same<unknown>({ results: results.length, refusals }, { results: 1, refusals: nine })
      yield* same(yield* testCase.effects, 1)
    })
  )
]

/** Keys that a careless encoding of scope and key confuses. */
const confusableKeys = (word: string) => [
  { scope: word, key: "a" },
  { scope: word, key: "A" },
  { scope: word, key: "a,b" },
  { scope: `${word},a`, key: "b" },
  { scope: `${word}","a`, key: "b" },
  { scope: word, key: 'a","b' },
  { scope: word.toUpperCase(), key: "a" }
]

export const idempotencyLaws: ReadonlyArray<Law> = [
  ...idempotencyCases.flatMap(lawsOf),

  law(
    "concurrent replays of two steps of one order return the result of each",
    Effect.gen(function* () {
      const store = yield* OrderStore
      const own = yield* shop(10)
      const { id } = yield* orderIn("PAID", own, [[own.products[0], 1]])
      const [first, second] = [yield* newClaim("ship order"), yield* newClaim("complete order")]
      const attribution = yield* newAttribution
      const calls = [
        store.advance(id, "shipped", attribution, first),
        store.advance(id, "completed", attribution, { ...second, scope: first.scope, key: first.key })
      ]
      const results = yield* Effect.all(calls)
      const again = Effect.all([...calls, ...calls], { concurrency: "unbounded" })
      const replays = results.map(({ value }) => replayed(value))
      yield* same(yield* changesNothing(own, again), [...replays, ...replays])
    })
  ),

  law(
    "an outcome that is refused because the payment has another leaves the key unused",
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const own = yield* shop(10)
      const { value: payment } = yield* store.begin(
        yield* newAttempt(yield* order(own, [[own.products[0], 1]])),
        undefined
      )
      const attribution = yield* newAttribution
      const idempotency = yield* newClaim("record outcome")
      const { value: settled } = yield* store.settle(payment.id, "CANCELLED", attribution, undefined)
      const another = store.settle(payment.id, "DECLINED", attribution, idempotency)
      const late = new PaymentSettled({ paymentId: payment.id, status: "CANCELLED" })
      yield* changesNothing(own, refused(another, late))
      const fingerprint = yield* newWord
      yield* same(
        yield* store.settle(payment.id, "CANCELLED", attribution, { ...idempotency, fingerprint }),
        firstTime(settled)
      )
      yield* refused(another, new IdempotencyKeyReused({ key: idempotency.key }))
    })
  ),

  law(
    "keys of different scopes and operations are independent",
    Effect.gen(function* () {
      const word = yield* newWord
      // Calls that share an operation share its keys.
      const byOperation = new Map(idempotencyCases.map((testCase) => [testCase.operation, testCase]))
      for (const { operation, prepare } of byOperation.values()) {
        for (const { scope, key } of confusableKeys(word)) {
          const testCase = yield* enabled(prepare)
          const idempotency: IdempotencyClaim = { scope, operation, key, fingerprint: yield* newWord }
          const { replayed }: IdempotentResult<unknown> = yield* testCase.call(idempotency)
          yield* same({ operation, scope, key, replayed }, { operation, scope, key, replayed: false })
        }
      }
    })
  )
]
