/** What the demo knows of the shop: its answers, as far as it reads them, and a client of a few lines. */

export type Tokens = { readonly accessToken: string; readonly tokenType: string; readonly expiresIn: number }
export type Account = { readonly email: string; readonly role: string }
export type Category = { readonly id: string; readonly name: string }
export type Money = { readonly amount: number; readonly currency: string }
export type Product = Category & { readonly price: Money; readonly stock: number }
export type Page<A> = { readonly items: ReadonlyArray<A> }
export type Item = { readonly name: string; readonly unitPrice: Money; readonly quantity: number }
export type Order = Page<Item> & { readonly id: string; readonly status: string; readonly total: Money }
export type Payment = { readonly status: string; readonly amount: Money; readonly orderStatus: string }
export type OrderEvent = {
  readonly sequence: number
  readonly event: string
  readonly from: string | null
  readonly to: string
}
export type Summary = {
  readonly orders: number
  readonly revenue: ReadonlyArray<Money>
  readonly ordersByStatus: Readonly<Record<string, number>>
}
/** Any error of the shop (RFC 9457). */
export type Problem = { readonly code: string; readonly detail: string; readonly shortages?: unknown }

export interface Request {
  readonly method: "GET" | "POST" | "PATCH"
  readonly path: string
  readonly body?: object | undefined
  readonly token?: string | undefined
  readonly idempotencyKey?: string | undefined
}

export interface Answer<A> {
  readonly status: number
  readonly body: A
  readonly replayed: boolean
}

export type Send = <A>(request: Request) => Promise<Answer<A>>

export const client =
  (address: string): Send =>
  async <A>({ method, path, body, token, idempotencyKey }: Request) => {
    const response = await fetch(address + path, {
      method,
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(idempotencyKey && { "Idempotency-Key": idempotencyKey })
      },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(30_000)
    })
    return {
      status: response.status,
      body: (await response.json()) as A,
      replayed: response.headers.get("Idempotent-Replayed") === "true"
    }
  }
