import type { Invariant } from "../../../src/domain/operations/Invariants.ts"
import type { Scene } from "../shop.ts"

/** A way to break invariants by SQL. */
export interface Corruption {
  readonly does: string
  readonly statements: (scene: Scene) => ReadonlyArray<string>
  /** All that has to be reported, and nothing else is. */
  readonly breaks: (scene: Scene) => ReadonlyArray<readonly [Invariant, string]>
}

type Which = Exclude<keyof Scene, "green" | "black" | "unsold" | "voucher" | "unlimited">

/** Breaks an invariant of one order; `?` is its id. */
export const order =
  (invariant: Invariant) =>
  (which: Which, does: string, ...statements: ReadonlyArray<string>): Corruption => ({
    does,
    statements: (scene) => statements.map((statement) => statement.replaceAll("?", `'${scene[which].id}'`)),
    breaks: (scene) => [[invariant, scene[which].id]]
  })

/** An event more, of the order `?`, in the transaction of the event before it. */
export const addEvent = (sequence: number, event: string, from: string, to: string) =>
  `INSERT INTO commerce.order_events (order_id, sequence, event, from_status, to_status, at, actor, xid)
    SELECT order_id, ${sequence}, '${event}', '${from}', '${to}', now(), 'nobody', xid FROM commerce.order_events
    WHERE order_id = ? AND sequence < ${sequence} ORDER BY sequence DESC LIMIT 1`
