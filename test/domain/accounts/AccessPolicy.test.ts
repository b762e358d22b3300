import { describe, it } from "@effect/vitest"
import { assertFailure, assertSuccess, deepStrictEqual } from "@effect/vitest/utils"
import { Arbitrary, Result } from "effect"
import {
  type Action,
  access,
  allow,
  Forbidden,
  type Principal,
  Unauthenticated
} from "../../../src/domain/accounts/AccessPolicy.ts"
import { CustomerId } from "../../../src/domain/shared/Ids.ts"
import { pick } from "../../../src/testing/Generators.ts"

const owner = "0198c0de-0000-7000-8000-000000000001"
const other = "0198c0de-0000-7000-8000-000000000002"

const actors: Record<string, Principal> = {
  nobody: null,
  stranger: { id: other, role: "customer" },
  owner: { id: owner, role: "customer" },
  admin: { id: other, role: "admin" },
  owningAdmin: { id: owner, role: "admin" },
  // Its id is that of the owner, who is not meant.
  service: { id: owner, role: "service" }
}

type Answer = "yes" | "401" | "403"

// Written by hand from the contract: nobody, another customer, the owner, an admin, an admin who is the owner, a service.
const table: Record<Action, readonly [Answer, Answer, Answer, Answer, Answer, Answer]> = {
  "read catalog": ["yes", "yes", "yes", "yes", "yes", "yes"],
  "change catalog": ["401", "403", "403", "yes", "yes", "yes"],
  "see own account": ["401", "yes", "yes", "yes", "yes", "403"],
  "change own password": ["401", "yes", "yes", "yes", "yes", "403"],
  "log out everywhere": ["401", "yes", "yes", "yes", "yes", "403"],
  "place order": ["401", "yes", "yes", "yes", "yes", "403"],
  "list orders": ["401", "yes", "yes", "yes", "yes", "yes"],
  "list orders of anyone": ["401", "403", "403", "yes", "yes", "yes"],
  "see order": ["401", "403", "yes", "yes", "yes", "yes"],
  "pay order": ["401", "403", "yes", "403", "yes", "403"],
  "advance order": ["401", "403", "403", "yes", "yes", "yes"],
  "cancel order": ["401", "403", "yes", "yes", "yes", "yes"],
  "cancel part of order": ["401", "403", "403", "yes", "yes", "yes"],
  "manage payments": ["401", "403", "403", "yes", "yes", "yes"],
  "manage vouchers": ["401", "403", "403", "yes", "yes", "yes"],
  "see analytics": ["401", "403", "403", "yes", "yes", "yes"],
  "see accounts": ["401", "403", "403", "yes", "yes", "yes"],
  "manage customers": ["401", "403", "403", "yes", "yes", "yes"],
  "manage admins": ["401", "403", "403", "yes", "yes", "403"],
  "manage service tokens": ["401", "403", "403", "yes", "yes", "403"],
  "list inactive products": ["401", "403", "403", "yes", "yes", "yes"],
  "read feed": ["401", "403", "403", "yes", "yes", "yes"]
}

const check = (
  principal: Principal,
  action: Action,
  owner: string | undefined,
  answer: Answer | undefined
) => {
  const allowed = allow(principal, action, owner)
  if (answer === "yes") assertSuccess(allowed, undefined)
  else assertFailure(allowed, answer === "401" ? new Unauthenticated() : new Forbidden())
}

describe("who may do what", () => {
  it("is decided for every action", () => {
    deepStrictEqual(Object.keys(table).sort(), Object.keys(access).sort())
  })

  const cases = Object.entries(table).flatMap(([action, answers]) =>
    Object.keys(actors).map((principal, column) => ({
      action: action as Action,
      principal,
      answer: answers[column]
    }))
  )
  it.each(cases)("$action, $actor: $answer", ({ action, principal, answer }) => {
    check(actors[principal] ?? null, action, owner, answer)
  })

  it.each(["see order", "pay order"] as const)("%s: nobody owns what has no owner", (action) => {
    check({ id: owner, role: "customer" }, action, undefined, "403")
    check({ id: owner, role: "admin" }, action, undefined, action === "see order" ? "yes" : "403")
  })

  it.prop(
    "a customer never may do anything to another's order",
    {
      customer: Arbitrary.schema(CustomerId),
      owner: Arbitrary.schema(CustomerId),
      action: pick(["see order", "pay order", "advance order"])
    },
    ({ customer, owner, action }) => {
      if (customer === owner) return
      assertFailure(allow({ id: customer, role: "customer" }, action, owner), new Forbidden())
    }
  )

  it.prop(
    "nobody without a token may do more than read the catalog",
    { action: pick(Object.keys(table) as ReadonlyArray<Action>), owner: Arbitrary.schema(CustomerId) },
    ({ action, owner }) => Result.isSuccess(allow(null, action, owner)) === (action === "read catalog")
  )
})
