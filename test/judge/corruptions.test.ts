import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { layer as postgres } from "../../src/adapters/postgres/index.ts"
import { judgeShop } from "../../src/testing/judge/index.ts"
import { shopOn } from "../../src/testing/model/index.ts"
import { freshClient } from "../support/postgres.ts"
import { type Scene, scene } from "../testing/judge/scene.ts"
import { undone } from "../verify/shop.ts"
import { corruptions } from "./corruptions.ts"

class Played extends Context.Service<Played, Scene>()("test/judge/Played") {}

const played = Layer.effect(Played, scene).pipe(
  Layer.provideMerge(shopOn(postgres())),
  Layer.provideMerge(freshClient)
)

const verdict = ({ history, shop }: Scene) => judgeShop(history, shop, { settleTimeout: 0 })

layer(played, { excludeTestServices: true })("a database that", (it) => {
  it.effect("kept what it answered breaks no rule", () =>
    Effect.gen(function* () {
      const scene = yield* Played
      assert.deepStrictEqual(yield* judgeShop(scene.history, scene.shop), [])
    })
  )

  for (const { does, statements, breaks } of corruptions) {
    it.effect(`${does} is found out [V5]`, () =>
      Effect.gen(function* () {
        const scene = yield* Played
        const sql = yield* SqlClient.SqlClient
        const found = yield* undone(
          Effect.andThen(
            Effect.forEach(statements(scene), (statement) => sql.unsafe(statement)),
            verdict(scene)
          )
        )
        assert.sameDeepMembers(
          found.map(({ rule, id }) => [rule, id]),
          breaks(scene).map(([rule, id]) => [rule, id]),
          JSON.stringify(found, undefined, 2)
        )
      })
    )
  }
})
