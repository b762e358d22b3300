import { createCommerce } from "effect-commerce/promise"
import { stages, work } from "./warehouse.ts"

const [embedded = "memory", file = "position"] = process.argv.slice(2)
await work(await createCommerce({ database: { embedded }, stages }), file, (line) => console.log(line))
