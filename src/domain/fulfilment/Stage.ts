import { Result, Schema } from "effect"
import { OrderStatus } from "../orders/Lifecycle.ts"
import { decoder, type Fault, InvalidInput } from "../shared/InvalidInput.ts"
import { Name } from "../shared/Text.ts"

/** Schema of a stage: a word of the host for the work on an order, 1 to 100 characters. */
export const Stage = Name(100)

/** The stages of one status. */
export interface StagesOfStatus {
  /** The stage of an order that enters the status, until it is moved. */
  readonly first: string
  /** The stages of the status, each with those that may follow. */
  readonly moves: { readonly [stage: string]: ReadonlyArray<string> }
  /** The stages from which people may ship or complete the order. Defaults to all. Payments, cancellations and returns are never held up. */
  readonly leaves?: ReadonlyArray<string> | undefined
}

/** Stages by status. A stage belongs to one status. It never changes status, stock or money. */
export type StageTable = { readonly [Status in OrderStatus]?: StagesOfStatus }

/** The words of a table, for the compiler. */
export type StageOf<Table> = {
  [Status in keyof Table]: Table[Status] extends { readonly moves: infer Moves }
    ? keyof Moves & string
    : never
}[keyof Table]

const Words = Schema.Array(Schema.String)
const StageTableShape = Schema.Record(
  Schema.String,
  Schema.Struct({
    first: Schema.String,
    moves: Schema.Record(Schema.String, Words),
    leaves: Schema.optional(Words)
  })
)

/** A generic parameter accepts unknown members, so they are refused here: a misspelled `leaves` would let all orders leave. */
type NoOther<Value, Known> = { readonly [Member in Exclude<keyof Value, keyof Known>]: never }

type Checked<Table> = NoOther<Table, StageTable> & {
  readonly [Status in keyof Table]: Table[Status] extends { readonly moves: infer Moves }
    ? NoOther<Table[Status], StagesOfStatus> & {
        readonly first: keyof Moves
        readonly moves: { readonly [Word in keyof Moves]: ReadonlyArray<keyof Moves> }
        readonly leaves?: ReadonlyArray<keyof Moves>
      }
    : never
}

const isStatus = Schema.is(OrderStatus)
const isStage = Schema.is(Stage)

const decodeShape = decoder(StageTableShape, { onExcessProperty: "error" })

/** Finds what is wrong with a table that the compiler has not seen. */
const faultsIn = (value: unknown): ReadonlyArray<Fault> => {
  const shape = decodeShape(value)
  return Result.isFailure(shape) ? shape.failure.errors : faultsOfWords(value as StageTable)
}

const faultsOfWords = (table: StageTable): ReadonlyArray<Fault> => {
  const owners = new Map<string, string>()
  return Object.entries(table).flatMap(([status, stages]) => {
    if (!isStatus(status)) return [{ path: `/${status}`, message: "Expected a status of an order" }]
    const { first, moves, leaves = [] } = stages
    const words = Object.keys(moves)
    const unknown = (path: string, stage: string) =>
      Object.hasOwn(moves, stage)
        ? []
        : [{ path: `/${status}/${path}`, message: `Expected a stage of ${status}` }]
    return [
      ...words.flatMap((word) => {
        const owner = owners.get(word)
        owners.set(word, status)
        if (!isStage(word))
          return [{ path: `/${status}/moves/${word}`, message: "Expected 1 to 100 characters" }]
        return owner === undefined
          ? []
          : [{ path: `/${status}/moves/${word}`, message: `Expected a stage that ${owner} does not have` }]
      }),
      ...unknown("first", first),
      ...leaves.flatMap((stage, index) => unknown(`leaves/${index}`, stage)),
      ...Object.entries(moves).flatMap(([word, next]) =>
        next.flatMap((stage, index) => unknown(`moves/${word}/${index}`, stage))
      )
    ]
  })
}

/** Whether a value is a table of stages without faults. */
export const isStageTable = (value: unknown): value is StageTable => faultsIn(value).length === 0

/**
 * Declares the stages of a shop: the host's words inside a status, with the moves between them. The compiler checks the words.
 * Throws `InvalidInput` for a table that it has not seen.
 */
export const defineStages = <const Table extends StageTable>(table: Table & Checked<Table>): Table => {
  const errors = faultsIn(table)
  if (errors.length > 0) throw new InvalidInput({ errors })
  return table
}

/**
 * Refusal: the order cannot move to this stage, or cannot be shipped or completed in its stage: then `to` is the status. `from` is
 * its stage, and absent if the order has none.
 */
export class IllegalStage extends Schema.TaggedError<IllegalStage>()("IllegalStage", {
  orderId: Schema.String,
  from: Schema.optionalKey(Schema.String),
  to: Schema.String
}) {
  override get message() {
    return this.from === undefined
      ? `The order cannot enter the stage ${this.to}.`
      : `The order cannot move from the stage ${this.from} to ${this.to}.`
  }
}

/** The stages of a shop that has none. */
export const noStages: StageTable = {}

type Staged = { readonly id: string; readonly status: OrderStatus; readonly stage?: string }

/**
 * Returns the stage of an order: the one that it was moved to, else the first of its status. A word of an earlier deployment stays
 * until the order is moved.
 */
export const stageOf = (table: StageTable, { stage, status }: Omit<Staged, "id">): string | undefined =>
  stage ?? table[status]?.first

/** Returns the status whose orders are in this stage before they are moved. */
export const statusThatBegins = (table: StageTable, stage: string): OrderStatus | undefined =>
  OrderStatus.literals.find((status) => table[status]?.first === stage)

/** Returns the order with its stage, also if that is the first of its status. */
export const withStage = <O extends Omit<Staged, "id">>(table: StageTable, order: O): O => {
  const stage = stageOf(table, order)
  return stage === order.stage || stage === undefined ? order : { ...order, stage }
}

/** Whether people may ship or complete an order in this stage. A word that the table does not know holds up nothing. */
export const mayLeave = (table: StageTable, status: OrderStatus, stage: string | undefined): boolean => {
  const stages = table[status]
  if (stages?.leaves === undefined || stage === undefined || !Object.hasOwn(stages.moves, stage)) return true
  return stages.leaves.includes(stage)
}

/** Checks that people may ship or complete an order in its stage. Fails with `IllegalStage`. */
export const leaveStage = (
  table: StageTable,
  order: Staged,
  to: OrderStatus
): Result.Result<void, IllegalStage> => {
  const from = stageOf(table, order)
  return mayLeave(table, order.status, from)
    ? Result.void
    : Result.fail(new IllegalStage({ orderId: order.id, ...(from !== undefined && { from }), to }))
}

/**
 * Decides whether an order may move to a stage of its status. An order with a word that the table does not know any more
 * may move to any, so that no order is stuck. Fails with `IllegalStage`.
 */
export const moveStage = (
  table: StageTable,
  order: Staged,
  to: string
): Result.Result<string, IllegalStage> => {
  const from = stageOf(table, order)
  const moves = table[order.status]?.moves ?? {}
  const isKnown = from !== undefined && Object.hasOwn(moves, from)
  const isAllowed = Object.hasOwn(moves, to) && (!isKnown || (moves[from] ?? []).includes(to))
  return isAllowed
    ? Result.succeed(to)
    : Result.fail(new IllegalStage({ orderId: order.id, ...(from !== undefined && { from }), to }))
}
