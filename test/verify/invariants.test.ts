import { expect, layer } from "@effect/vitest"
import { Effect, Struct } from "effect"
import { SqlClient } from "effect/sql"
import { invariants } from "../../src/domain/operations/Invariants.ts"
import { Verification } from "../../src/services/Verification.ts"
import { engines } from "../support/engines.ts"
import { corruptions } from "./corruptions/index.ts"
import { OpenShop, openShop, undone } from "./shop.ts"

const verify = Verification.use((verification) => verification.verify())

for (const { name, client } of engines) {
  layer(openShop(client), { excludeTestServices: true, timeout: "5 minutes" })(`verify on ${name}`, (it) => {
    it.effect("finds nothing wrong with a lively shop [O4] [V3]", () =>
      Effect.gen(function* () {
        expect(yield* verify).toEqual({ ok: true, violations: [] })
      })
    )

    for (const invariant of Struct.keys(invariants)) {
      for (const { does, statements, breaks } of corruptions[invariant]) {
        it.effect(`sees a shop that ${does} (${invariant}) [V3]`, () =>
          Effect.gen(function* () {
            const scene = yield* OpenShop
            const sql = yield* SqlClient.SqlClient
            const { ok, violations } = yield* undone(
              Effect.andThen(
                Effect.forEach(statements(scene), (statement) => sql.unsafe(statement)),
                verify
              )
            )
            const found = violations.map(({ invariant, id }) => [invariant, id])
            expect(found).toHaveLength(breaks(scene).length)
            expect(found).toEqual(expect.arrayContaining([...breaks(scene)]))
            expect(ok).toBe(false)
          })
        )
      }
    }

    it.effect("finds nothing wrong afterwards", () =>
      Effect.gen(function* () {
        expect(yield* verify).toEqual({ ok: true, violations: [] })
      })
    )
  })
}
