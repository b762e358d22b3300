/** `npm run demo`: starts a server of its own, walks through the life of orders over HTTP, and ends the server. */
import { fulfil } from "./Fulfilling.ts"
import { Unexpected } from "./Narrator.ts"
import { open } from "./Opening.ts"
import { sell } from "./Selling.ts"
import { start } from "./Server.ts"
import { client } from "./Shop.ts"

const server = start()

let exitCode: number | undefined
const endWith = async (code: number) => {
  exitCode ??= code
  await server.stop()
  process.exit(exitCode)
}
process.once("SIGINT", () => endWith(130))
process.once("SIGTERM", () => endWith(143))
process.stdout.on("error", () => endWith(1))

try {
  console.log("Starting a server on PostgreSQL in memory, which takes a few seconds …")
  const address = await server.ready
  console.log(`The server listens on ${address}`)
  const shop = await open(client(address))
  await fulfil(shop, await sell(shop))
  console.log("\nAll of it went as it should.")
  await endWith(0)
} catch (error) {
  // After Ctrl-C, whatever fails now fails because the server ends.
  if (exitCode === undefined) {
    if (server.said() !== "") console.error(`\nThe server says:\n${server.said()}`)
    console.error(`\n✗ The demo failed: ${error instanceof Unexpected ? error.message : error}`)
  }
  await endWith(1)
}
