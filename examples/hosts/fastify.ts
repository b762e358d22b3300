import { toNodeHandler } from "effect-commerce/promise"
import fastify from "fastify"
import { commerce } from "./shop.ts"

const app = fastify()
app.all("/shop/*", toNodeHandler(commerce))
await app.listen({ port: Number(process.env.PORT ?? 3000) })
