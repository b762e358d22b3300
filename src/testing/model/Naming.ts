/**
 * Converts responses to plain data that are equal in every run: ids become names, and dates come from the stopped
 * clock.
 */

import { Schema } from "effect"
import { FeedPosition } from "../../domain/orders/Feed.ts"
import type { World } from "./World.ts"

const uuid = /[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/g
const isPosition = Schema.is(FeedPosition)

const nameIds = (text: string, { names }: World): string => {
  // The transaction id differs between databases.
  const stable = isPosition(text) ? `after ${text.split(":").slice(2).join(":")}` : text
  return stable.replaceAll(uuid, (id) => {
    const name = names.get(id.toLowerCase())
    return name === undefined ? "an unknown id" : id === id.toLowerCase() ? name : name.toUpperCase()
  })
}

/** Returns the data of an error, and one line of its cause. */
const dataOf = (error: Error): Record<string, unknown> => ({
  ...error,
  ...("_tag" in error ? {} : { name: error.name, message: error.message }),
  cause: error.cause === undefined ? undefined : String(error.cause)
})

export const plain = (value: unknown, world: World): unknown => {
  if (typeof value === "string") return nameIds(value, world)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value !== "object" || value === null) return value
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item) => plain(item, world))
  return Object.fromEntries(
    Object.entries(value instanceof Error ? dataOf(value) : value)
      .filter(([, field]) => field !== undefined)
      .map(([key, field]) => [nameIds(key, world), plain(field, world)])
  )
}
