/** The interesting part of each kind of answer. */
import type { Order, OrderEvent, Page, Payment, Problem, Product } from "./Shop.ts"

export const euros = (amount: number) => ({ amount, currency: "EUR" })

export const problem = ({ code, detail }: Problem) => ({ code, detail })

export const product = ({ id, name, price, stock }: Product) => ({ id, name, price, stock })

export const order = ({ id, status, items, total }: Order) => ({
  id,
  status,
  items: items.map(({ name, unitPrice, quantity }) => ({ name, unitPrice, quantity })),
  total
})

export const status = ({ id, status }: Order) => ({ id, status })

export const payment = ({ status, amount, orderStatus }: Payment) => ({ status, amount, orderStatus })

export const history = ({ items }: Page<OrderEvent>) =>
  items.map(({ sequence, event, from, to }) => `${sequence}. ${event}: ${from ?? "–"} → ${to}`)
