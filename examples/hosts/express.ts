import { toNodeHandler } from "effect-commerce/promise"
import express from "express"
import { commerce } from "./shop.ts"

express()
  .use(toNodeHandler(commerce))
  .listen(process.env.PORT ?? 3000)
