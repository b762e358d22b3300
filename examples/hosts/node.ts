import { createServer } from "node:http"
import { toNodeHandler } from "effect-commerce/promise"
import { commerce } from "./shop.ts"

createServer(toNodeHandler(commerce)).listen(process.env.PORT ?? 3000)
