import { sell } from "./shop.mjs"

console.log(await sell())
