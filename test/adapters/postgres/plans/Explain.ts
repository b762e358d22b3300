import { Effect } from "effect"
import { type SqlClient, Statement } from "effect/sql"

interface Node {
  readonly "Node Type": string
  readonly "Relation Name"?: string
  readonly "Index Name"?: string
  readonly Plans?: ReadonlyArray<Node>
}

/** One step of a plan: how which table is read, by which index. */
export interface Scan {
  readonly how: string
  readonly table: string | undefined
  readonly index: string | undefined
}

const scansOf = (node: Node): ReadonlyArray<Scan> => [
  { how: node["Node Type"], table: node["Relation Name"], index: node["Index Name"] },
  ...(node.Plans ?? []).flatMap(scansOf)
]

interface Sent {
  readonly text: string
  readonly params: ReadonlyArray<unknown>
}

/** Listens to what some work sends, and asks the database how it does that. */
export const listener = () => {
  const sent: Array<Sent> = []

  /** Work, the layers that it builds included, whose statements are heard. */
  const heard = Effect.provideService(Statement.CurrentTransformer, (statement) => {
    const [text, params] = statement.compile()
    sent.push({ text, params })
    return Effect.succeed(statement)
  })

  /** Each statement that some work sends, with its plan. */
  const plansOf = Effect.fnUntraced(function* <A, E, R>(
    sql: SqlClient.SqlClient,
    work: Effect.Effect<A, E, R>
  ) {
    sent.length = 0
    yield* work
    return yield* Effect.forEach(
      [...new Map(sent.map((one) => [one.text, one])).values()],
      ({ text, params }) =>
        Effect.map(
          sql.unsafe<{ "QUERY PLAN": ReadonlyArray<{ readonly Plan: Node }> }>(
            `EXPLAIN (FORMAT JSON) ${text}`,
            params
          ),
          ([row]) => ({ text, scans: (row?.["QUERY PLAN"] ?? []).flatMap(({ Plan }) => scansOf(Plan)) })
        )
    )
  })

  return { heard, plansOf }
}
