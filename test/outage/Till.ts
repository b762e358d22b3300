/** A bank with books of its own: it holds, charges, releases and returns money at most once per id, and never more than there is. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Layer } from "effect"
import type { Outcome } from "../../src/domain/payments/Payment.ts"
import type { GatewayUnavailable } from "../../src/ports/errors.ts"
import { type GatewayOperation, PaymentGateway } from "../../src/ports/PaymentGateway.ts"

type Answer = Effect.Effect<Outcome, GatewayUnavailable>

/** What a bank knows of a payment, in minor units. */
export interface Account {
  readonly held: number
  readonly captured: number
  readonly refunded: number
}

export interface Till {
  readonly gateway: Layer.Layer<PaymentGateway>
  /** Moves money, or repeats what it said before. */
  readonly operate: (operation: GatewayOperation) => Answer
  /** What it makes of its answer from now on; it has moved the money as soon as that is run. */
  readonly does: (make: (answer: Answer, operation: GatewayOperation) => Answer) => void
  readonly account: (paymentId: string) => Account
  /** Operations that have moved money, in their order. */
  readonly moved: () => ReadonlyArray<
    Pick<GatewayOperation, "kind" | "operationId"> & { readonly amount: number }
  >
  /** How often it was asked about operations. */
  readonly asked: () => number
}

const empty: Account = { held: 0, captured: 0, refunded: 0 }

/** Returns the account after an operation, or nothing if there is not enough money. */
const after = (account: Account, { kind, amount: { amount } }: GatewayOperation): Account | undefined => {
  switch (kind) {
    case "capture":
      return amount <= account.held ? { ...account, held: 0, captured: amount } : undefined
    case "void":
      return account.held > 0 ? { ...account, held: 0 } : undefined
    case "refund":
      return account.refunded + amount <= account.captured
        ? { ...account, refunded: account.refunded + amount }
        : undefined
  }
}

export const till = (): Till => {
  const accounts = new Map<string, Account>()
  const answers = new Map<string, Outcome>()
  const moved: Array<Pick<GatewayOperation, "kind" | "operationId"> & { readonly amount: number }> = []
  let asked = 0
  let does: (answer: Answer, operation: GatewayOperation) => Answer = (answer) => answer
  const account = (paymentId: string) => accounts.get(paymentId) ?? empty
  const answerTo = (operation: GatewayOperation): Answer =>
    Effect.sync(() => {
      const { kind, operationId, paymentId, amount } = operation
      const known = answers.get(operationId)
      if (known !== undefined) return known
      const next = after(account(paymentId), operation)
      if (next !== undefined) {
        accounts.set(paymentId, next)
        moved.push({ kind, operationId, amount: amount.amount })
      }
      const outcome = next === undefined ? "DECLINED" : "APPROVED"
      answers.set(operationId, outcome)
      return outcome
    })
  const operate = (operation: GatewayOperation) =>
    Effect.suspend(() => {
      asked += 1
      return does(answerTo(operation), operation)
    })
  return {
    gateway: Layer.succeed(
      PaymentGateway,
      PaymentGateway.of({
        accepts: () => true,
        charge: ({ paymentId, amount, capture }) =>
          Effect.sync(() => {
            const isHeld = capture === "later"
            if (!accounts.has(paymentId))
              accounts.set(paymentId, { ...empty, [isHeld ? "held" : "captured"]: amount.amount })
            return { outcome: isHeld ? ("AUTHORIZED" as const) : ("APPROVED" as const), reference: paymentId }
          }),
        operate
      })
    ),
    operate,
    does: (make) => {
      does = make
    },
    account,
    moved: () => moved,
    asked: () => asked
  }
}

/** Serves a till to other processes, and returns its address. */
export const served = ({ operate }: Till) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer(async (request, response) => {
          let body = ""
          for await (const part of request) body += part
          const exit = await Effect.runPromiseExit(operate(JSON.parse(body)))
          response.end(JSON.stringify(exit._tag === "Success" ? exit.value : null))
        })
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
        return server
      }),
      (server) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  )
