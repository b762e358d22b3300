import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary } from "effect"
import {
  Account,
  Email,
  Login,
  normalizeEmail,
  Password,
  Registration,
  Role
} from "../../../src/domain/accounts/Account.ts"
import { account, email, int, password, pick } from "../../../src/testing/Generators.ts"
import { accepts, faultsIn } from "../support.ts"

describe("an email address", () => {
  it.prop(
    "has one @ with something on both sides and no white space",
    { parts: Arbitrary.array(pick(["@", "a", "é", ".", " ", "\u00a0"])) },
    ({ parts }) => {
      const sides = parts.join("").split("@")
      const valid = sides.length === 2 && sides.every((side) => side !== "" && !/[ \u00a0]/.test(side))
      strictEqual(accepts(Email, parts.join("")), valid)
    }
  )

  it("is at most 254 code points long", () => {
    assertTrue(accepts(Email, `${"🛒".repeat(252)}@b`))
    assertFalse(accepts(Email, `${"🛒".repeat(253)}@b`))
  })

  it.each(["admin@localhost", "o'hara+shop@例え.jp", "A@b"])("may be %s", (email) => {
    assertTrue(accepts(Email, email))
  })

  it.each(["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "a@b\u0000", "a@\ud800"])(
    "is never %o",
    (email) => {
      assertFalse(accepts(Email, email))
    }
  )

  it.prop("is the same account whatever its case and form", { email }, ({ email }) => {
    strictEqual(normalizeEmail(email.toLowerCase()), normalizeEmail(email))
    strictEqual(normalizeEmail(email.normalize("NFD")), normalizeEmail(email))
  })

  it("is another account with another letter", () => {
    assertFalse(normalizeEmail("ann@example.com") === normalizeEmail("anne@example.com"))
    strictEqual(normalizeEmail("Ann@Example.COM"), "ann@example.com")
  })
})

describe("a password", () => {
  it.prop(
    "has at least 8 characters and at most 72 bytes in UTF-8",
    {
      a: pick(["a", "é", "漢", "🛒"]),
      manyA: int(0, 40),
      b: pick(["a", "é", "漢", "🛒"]),
      manyB: int(0, 40)
    },
    ({ a, manyA, b, manyB }) => {
      const password = a.repeat(manyA) + b.repeat(manyB)
      strictEqual(accepts(Password, password), manyA + manyB >= 8 && Buffer.byteLength(password) <= 72)
    }
  )

  it.each([
    ["a", 72],
    ["é", 36],
    ["漢", 24],
    ["🛒", 18]
  ])("of %s only has 8 to %d of them", (letter, most) => {
    assertFalse(accepts(Password, letter.repeat(7)))
    assertTrue(accepts(Password, letter.repeat(8)))
    assertTrue(accepts(Password, letter.repeat(most)))
    assertFalse(accepts(Password, `${letter.repeat(most)}a`))
  })

  it("may have spaces, and is not cut at either end", () => {
    assertTrue(accepts(Password, " ".repeat(8)))
    assertFalse(accepts(Password, ` ${"a".repeat(71)} `))
  })

  it.prop(
    "is checked when a person registers, with the email",
    { email, password },
    ({ email, password }) => {
      assertTrue(accepts(Registration, { email, password }))
      deepStrictEqual(faultsIn(Registration, { email, password: "1234567" }), ["/password"])
      deepStrictEqual(faultsIn(Registration, { email: password.replaceAll("@", ""), password }), ["/email"])
      deepStrictEqual(faultsIn(Registration, {}), ["/email", "/password"])
    }
  )

  it("is held to no policy when a person logs in", () => {
    assertTrue(accepts(Login, { email: "not an address", password: "x" }))
    assertTrue(accepts(Login, { email: "a@b", password: "x".repeat(1000) }))
    deepStrictEqual(faultsIn(Login, { email: "a@b", password: "x".repeat(1001) }), ["/password"])
  })
})

describe("an address with something invisible", () => {
  it.each(["\u200b", "\u200d", "\u202e", "\u0001", "\u3164", "\ufe0f", "\u00ad", "\uffff"])(
    "%j is refused, and has the key of the address without it",
    (invisible) => {
      assertFalse(accepts(Email, `ann${invisible}@example.com`))
      if (invisible > "\u0001" && invisible < "\uffff") {
        strictEqual(normalizeEmail(`ann${invisible}@example.com`), "ann@example.com")
      }
    }
  )
})

describe("the length of a password", () => {
  it("is that of its prepared form", () => {
    assertFalse(accepts(Password, "e\u0301".repeat(7)))
    assertTrue(accepts(Password, "e\u0301".repeat(36)))
    assertFalse(accepts(Password, "e\u0301".repeat(37)))
  })
})

describe("an account", () => {
  it("is a customer's or an admin's", () => {
    deepStrictEqual([...Role.literals], ["customer", "admin"])
    assertFalse(accepts(Role, "root"))
  })

  it.prop("never carries anything of the password", { account }, ({ account }) => {
    const fields = Object.keys(Account.fields).filter((field) => field !== "disabledAt")
    deepStrictEqual(fields.sort(), Object.keys(account).sort())
    assertFalse(Object.keys(Account.fields).some((field) => /password|hash/i.test(field)))
  })
})
