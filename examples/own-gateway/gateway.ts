import { Effect, Layer, Schema } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { Outcome } from "effect-commerce"
import { GatewayUnavailable, PaymentGateway } from "effect-commerce/ports"

const Answer = Schema.Struct({ outcome: Outcome })

/** Charges at a bank. What it did not say, or did not say well, is unknown: it is asked again with the same id. */
export const bankGateway = (url: string) =>
  Layer.effect(
    PaymentGateway,
    Effect.map(HttpClient.HttpClient, (http) => {
      const bank = HttpClient.filterStatusOk(http)
      return PaymentGateway.of({
        accepts: (card) => card !== "",
        charge: ({ paymentId, amount: { amount, currency }, paymentMethod: card }) =>
          HttpClientRequest.put(`${url}/charges/${paymentId}`).pipe(
            HttpClientRequest.bodyJson({ amount, currency, card }),
            Effect.flatMap(bank.execute),
            Effect.flatMap(HttpClientResponse.schemaBodyJson(Answer)),
            Effect.map(({ outcome }) => outcome),
            Effect.mapError((cause) => new GatewayUnavailable({ cause }))
          )
      })
    })
  )
