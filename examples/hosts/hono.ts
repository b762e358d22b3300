import { serve } from "@hono/node-server"
import { Hono } from "hono"
import { commerce } from "./shop.ts"

const app = new Hono().all("/shop/*", (context) => commerce.handler(context.req.raw))
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })
