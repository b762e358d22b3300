import { sell } from "../../shop.mjs"

export const dynamic = "force-dynamic"

export const GET = async () => new Response(await sell())
