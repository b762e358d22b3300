import { Effect } from "effect"
import { PaymentGateway } from "effect-commerce/ports"
import * as SimulatedPayments from "effect-commerce/simulated-payments"

const accepts = PaymentGateway.useSync((gateway) => gateway.accepts("sim_approve"))
const taken: boolean = await Effect.runPromise(Effect.provide(accepts, SimulatedPayments.layer()))
console.log(taken)
