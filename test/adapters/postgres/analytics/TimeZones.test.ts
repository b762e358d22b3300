import { expect, layer } from "@effect/vitest"
import { Arbitrary, Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { bucketStarts, Interval } from "../../../../src/domain/analytics/Sales.ts"
import { int, pick } from "../../../../src/testing/Generators.ts"
import { freshClient } from "../../../support/postgres.ts"

const questions = 5000
const seed = process.env.TEST_SEED ?? String(Date.now())

/**
 * Any moment of these years, half of them within hours of a midnight of the end of March or of October. What clocks will
 * do in years to come is not the same in every edition of the time zone database.
 */
const moment = Arbitrary.map(
  Arbitrary.all([int(1975, 2024), pick([2, 9]), int(20, 35), int(-36, 36), int(0, 1), int(0, 366 * 24)]),
  ([year, month, date, hour, anywhere, later]) =>
    new Date(anywhere === 0 ? Date.UTC(year, month, date, hour) : Date.UTC(year, 0, 1, later))
)

layer(freshClient, { excludeTestServices: true, timeout: "5 minutes" })("Time zones", (it) => {
  it.effect("are what PostgreSQL takes them for, where clocks change too [R1]", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const names = yield* sql<{
        name: string
      }>`SELECT name FROM pg_timezone_names WHERE name ~ '^[A-Z][a-z]+/'`
      const known = new Set(names.map(({ name }) => name))
      const zones = Intl.supportedValuesOf("timeZone").filter((zone) => known.has(zone))
      expect(zones.length).toBeGreaterThan(300)

      const asked = Arbitrary.all({ zone: pick(zones), interval: pick(Interval.literals), at: moment })
      const samples = yield* Arbitrary.sampleEffect(asked, { count: questions, seed })
      const answers = samples.map(({ zone, interval, at }) => {
        const [start] = Result.getOrThrow(bucketStarts(interval, zone, { first: at, last: at }))
        return { zone, interval, at, start: start ?? at }
      })
      const wrong = yield* sql`
        SELECT zone, "interval", at, start
        FROM unnest(
          ${answers.map(({ zone }) => zone)}::text[], ${answers.map(({ interval }) => interval)}::text[],
          ${answers.map(({ at }) => at)}::timestamptz[], ${answers.map(({ start }) => start)}::timestamptz[]
        ) AS answer (zone, "interval", at, start)
        CROSS JOIN LATERAL (SELECT date_trunc("interval", at AT TIME ZONE zone) AS date) truncated
        WHERE start > at
          OR (start AT TIME ZONE zone)::date <> date
          OR ((start - interval '1 millisecond') AT TIME ZONE zone)::date >= date`
      expect(wrong, `TEST_SEED=${seed}`).toEqual([])
    })
  )
})
