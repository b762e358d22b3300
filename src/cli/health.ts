/**
 * Asks the server of `HOST`, `PORT` and `BASE_PATH` whether it is alive, and ends with 0 or 1: for the health check of a container, which
 * has no curl. It imports only `node:http`, since it runs every few seconds: `effect-commerce` itself takes a second of CPU to start.
 * Not `fetch`, which refuses some ports, such as 6000 and 10080.
 */
import { get } from "node:http"

/** Time until the server must have answered, in milliseconds. */
const patience = 5000

const { BASE_PATH = "", HOST: host = "", PORT: port = "" } = process.env

/** A server that listens on all addresses of a machine is asked at the loopback address. */
const loopback: Readonly<Record<string, string>> = { "": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1" }
const address = loopback[host] ?? host
const name = address.includes(":") ? `[${address}]` : address
const url = `http://${name}:${port || "3000"}${BASE_PATH.replace(/\/$/, "")}/health/live`

const answer = await new Promise<string>((resolve) => {
  get(url, { agent: false, signal: AbortSignal.timeout(patience) }, (response) => {
    resolve(String(response.statusCode))
    response.destroy()
  }).once("error", () => resolve("nothing"))
})
if (answer !== "200") {
  process.stderr.write(`effect-commerce: ${url} answers ${answer}\n`)
  process.exitCode = 1
}
