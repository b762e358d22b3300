import { Context } from "effect"

/**
 * Maximum delay of the feed by transactions outside this shop, in milliseconds. Defaults to 5 seconds.
 *
 * On a shared PostgreSQL server it must exceed the longest transaction.
 */
export const FeedPatience = Context.Reference<number>("effect-commerce/testing/FeedPatience", {
  defaultValue: () => 5000
})
