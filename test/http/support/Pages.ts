/** Listings as a whole. */
import type { Caller } from "./Caller.ts"
import { ok } from "./Expect.ts"
import type { Page } from "./Types.ts"

/** All pages of a listing, from the first cursor to the last. */
export const pagesOf = async <A>(
  caller: Caller,
  path: string,
  query: Record<string, string>,
  limit: number
) => {
  const pages: Array<ReadonlyArray<A>> = []
  let cursor: string | null = ""
  while (cursor !== null) {
    const asked = new URLSearchParams({ ...query, limit: `${limit}`, ...(cursor === "" ? {} : { cursor }) })
    const page: Page<A> = await ok(caller.get<Page<A>>(`${path}?${asked}`))
    pages.push(page.items)
    cursor = page.nextCursor
  }
  return pages
}

/** As PostgreSQL's collation "C" orders text. */
export const byCodePoints = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
