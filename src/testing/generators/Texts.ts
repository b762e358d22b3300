import { Arbitrary } from "effect"
import { CustomerId, OrderId } from "../../domain/shared/Ids.ts"
import { type Gen, indexOf, int, oneOf, pick } from "./Values.ts"

const readable = pick([..."abZ7éßİΣςﬁ漢\u05e2🛒", "e\u0301", "H\u0331", "👩\u200d👧"])
const symbols = pick([" ", "\u00a0", "\u3000", "\ue000", ...`'"\\%_/~,.-`, "$1", ";--", "<b>", "{}"])
const lines = pick(["\t", "\n", "\r\n", "\u200b", "\u202e", "\u2028", "\ufeff", "\uffff", "\u{10ffff}"])
const controls = pick(["\u0001", "\u007f", "\u0085"])
const prosePiece = oneOf([readable, symbols, lines])
const piece = oneOf([readable, symbols, lines, controls])

/** Cuts text without a joiner at its end, which has nothing to join. */
const cut = (text: string, max: number) =>
  Array.from(text)
    .slice(0, max)
    .join("")
    .replace(/\u200d$/, "")

/** Extends one text in fifty to the maximum length. */
const stretched = (text: Gen<string>, max: number): Gen<string> =>
  Arbitrary.map(Arbitrary.all([text, indexOf(Array.from({ length: 50 }))]), ([short, i]) =>
    cut(i === 49 ? short + "🛒".repeat(max) : short, max)
  )

/**
 * Generates text that `Text(max)` accepts: all kinds of Unicode, characters with a meaning in SQL, HTML and JSON,
 * white space, and the empty text.
 */
export const text = (max: number): Gen<string> =>
  stretched(
    Arbitrary.map(Arbitrary.array(piece, { maxLength: max }), (pieces) => pieces.join("")),
    max
  )

/** Generates text that `Prose(max)` accepts: without control characters other than tabs and line breaks. */
export const prose = (max: number): Gen<string> =>
  stretched(
    Arbitrary.map(Arbitrary.array(prosePiece, { maxLength: max }), (pieces) => pieces.join("")),
    max
  )

/** Generates text that `Name(max)` accepts, for a `max` of at least 10. */
export const name = (max: number): Gen<string> =>
  stretched(
    Arbitrary.map(
      Arbitrary.all([
        Arbitrary.array(symbols, { maxLength: 2 }),
        readable,
        Arbitrary.array(oneOf([readable, symbols]))
      ]),
      ([before, first, after]) => [...before, first, ...after].join("")
    ),
    max
  )

/**
 * Generates the id of a customer: a UUID in either case, an id as other systems make them, a serial number, or any text of
 * 1 to 255 characters.
 */
export const customerId: Gen<CustomerId> = Arbitrary.map(
  oneOf([
    Arbitrary.schema(OrderId),
    Arbitrary.map(Arbitrary.schema(OrderId), (id) => id.toUpperCase()),
    Arbitrary.map(Arbitrary.schema(OrderId), (id) => `user_${id.slice(24)}`),
    Arbitrary.map(int(1, Number.MAX_SAFE_INTEGER), String),
    Arbitrary.map(text(255), (any) => any || " ")
  ]),
  (id) => CustomerId.make(id)
)

/** Generates times between 2020 and 2040 with the precision of a millisecond. */
export const time: Gen<Date> = Arbitrary.map(
  int(Date.UTC(2020), Date.UTC(2040)),
  (milliseconds) => new Date(milliseconds)
)

/** Generates an idempotency key: 1 to 255 visible ASCII characters. */
export const idempotencyKey: Gen<string> = Arbitrary.map(
  Arbitrary.array(int(0x21, 0x7e), { minLength: 1, maxLength: 255 }),
  (codes) => String.fromCharCode(...codes)
)
