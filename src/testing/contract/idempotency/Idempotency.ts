import { Effect } from "effect"
import {
  type IdempotencyClaim,
  IdempotencyKeyReused,
  type IdempotentResult
} from "../../../domain/shared/Idempotency.ts"
import { newOnce, newWord } from "../Given.ts"
import { atOnce, type Law, law, refused, same } from "../Law.ts"
import { changesNothing } from "../operations/ShopSnapshot.ts"
import { idempotencyCases } from "./IdempotencyCase.ts"

const lawsOf = ({ name, operation, prepare }: (typeof idempotencyCases)[number]): ReadonlyArray<Law> => [
  law(
    `to ${name} again with the same key is answered as the first time, and not done again`,
    Effect.gen(function* () {
      const trial = yield* prepare
      const idempotency = yield* newOnce(operation)
      const first = yield* trial.ask(idempotency)
      yield* same({ ...first, times: yield* trial.times }, { ...first, replayed: false, times: 1 })
      for (let n = 0; n < 3; n++) {
        const again = yield* changesNothing(trial.shop, trial.ask(idempotency))
        yield* same({ ...again, times: yield* trial.times }, { ...first, replayed: true, times: 1 })
      }
    })
  ),

  law(
    `to ${name} again with the same key is answered so too after things have moved on [I4]`,
    Effect.gen(function* () {
      const trial = yield* prepare
      const idempotency = yield* newOnce(operation)
      const { value: first } = yield* trial.ask(idempotency)
      yield* trial.moveOn
      const again = yield* changesNothing(trial.shop, trial.ask(idempotency))
      yield* same(again, { value: trial.now === undefined ? first : yield* trial.now, replayed: true })
    })
  ),

  law(
    `to ${name} with a key of another request is refused, and changes nothing`,
    Effect.gen(function* () {
      const trial = yield* prepare
      const idempotency = yield* newOnce(operation)
      const reused = new IdempotencyKeyReused({ key: idempotency.key })
      yield* trial.ask(idempotency)
      const another = trial.ask({ ...idempotency, fingerprint: "another request" })
      yield* changesNothing(trial.shop, refused(another, reused))
      yield* trial.moveOn
      yield* changesNothing(trial.shop, refused(another, reused))
    })
  ),

  law(
    `a refusal to ${name} leaves the key unused, for any request`,
    Effect.gen(function* () {
      const trial = yield* prepare
      const idempotency = yield* newOnce(operation)
      const unblock = yield* trial.block
      yield* changesNothing(
        trial.shop,
        Effect.flip(trial.ask({ ...idempotency, fingerprint: "another request" }))
      )
      yield* changesNothing(trial.shop, Effect.flip(trial.ask(idempotency)))
      yield* unblock
      const first = yield* trial.ask(idempotency)
      yield* same({ ...first, times: yield* trial.times }, { ...first, replayed: false, times: 1 })
      yield* same(yield* trial.ask(idempotency), { ...first, replayed: true })
    })
  ),

  law(
    `of ten who ${name} with one key at once, one does, and all get the same answer [I1]`,
    Effect.gen(function* () {
      const trial = yield* prepare
      const idempotency = yield* newOnce(operation)
      const [answers, refusals] = yield* atOnce(Array.from({ length: 10 }, () => trial.ask(idempotency)))
      const [first] = answers.filter(({ replayed }) => !replayed)
      const expected = Array.from({ length: 10 }, (_, i) => ({ value: first?.value, replayed: i > 0 }))
      const inOrder = answers.sort((a, b) => Number(a.replayed) - Number(b.replayed))
      yield* same({ refusals, answers: inOrder }, { refusals: [], answers: expected })
      yield* same(yield* trial.times, 1)
    })
  ),

  law(
    `of ten who ${name} differently with one key at once, one does and nine are refused`,
    Effect.gen(function* () {
      const trial = yield* prepare
      const idempotency = yield* newOnce(operation)
      const [answers, refusals] = yield* atOnce(
        Array.from({ length: 10 }, (_, i) => trial.ask({ ...idempotency, fingerprint: `request ${i}` }))
      )
      const reused = new IdempotencyKeyReused({ key: idempotency.key })
      const nine = Array.from({ length: 9 }, () => reused)
      yield* same<unknown>({ answers: answers.length, refusals }, { answers: 1, refusals: nine })
      yield* same(yield* trial.times, 1)
    })
  )
]

/** Keys that are easily taken for each other. */
const alike = (word: string) => [
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
    "keys of other scopes and of other operations are other keys",
    Effect.gen(function* () {
      const word = yield* newWord
      for (const { operation, prepare } of idempotencyCases.filter(
        ({ name }) => name !== "record a charge"
      )) {
        for (const { scope, key } of alike(word)) {
          const trial = yield* prepare
          const idempotency: IdempotencyClaim = { scope, operation, key, fingerprint: yield* newWord }
          const { replayed }: IdempotentResult<unknown> = yield* trial.ask(idempotency)
          yield* same({ operation, scope, key, replayed }, { operation, scope, key, replayed: false })
        }
      }
    })
  )
]
