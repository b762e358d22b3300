import { type Charge, PaymentGateway, StoreUnavailable } from "effect-commerce/ports"

const amount: Charge["amount"] = { amount: 1, currency: "EUR" }
const error = new StoreUnavailable({ outcome: "notApplied", cause: amount })
console.log(PaymentGateway.key, error.outcome)
