import { Schema } from "effect"
import { type Domain, InsufficientStock, Money, Orders, type Product } from "effect-commerce"

const change: Domain.ProductChange = { name: "Mug" }
const product: Pick<Product, "name"> | undefined = undefined
const refusal = new InsufficientStock({ shortages: [] })
console.log(refusal._tag, Orders.key, Schema.is(Money)({ amount: 1, currency: "EUR" }), change.name, product)
