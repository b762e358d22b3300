import { assert, describe, it } from "@effect/vitest"
import { refresh } from "../../../src/domain/accounts/Session.ts"

const at = new Date("2026-05-01T12:00:00Z")
const later = (millis: number) => new Date(at.getTime() + millis)
const fresh = { expiresAt: later(1), endedAt: null, used: false, disabled: false }

describe("a session whose refresh token comes in", () => {
  it("goes on if the token is new and its time is not over", () => {
    assert.strictEqual(refresh(fresh, at), "rotate")
  })

  it("ends if the token was used before", () => {
    assert.strictEqual(refresh({ ...fresh, used: true }, at), "endSession")
  })

  it.each([
    ["has just expired", { expiresAt: at }],
    ["expired long ago", { expiresAt: later(-1_000_000) }],
    ["has ended", { endedAt: later(-1) }],
    ["has ended by another clock", { endedAt: later(1) }],
    ["belongs to a disabled account", { disabled: true }]
  ])("is refused, used or not, if it %s", (_, facts) => {
    assert.strictEqual(refresh({ ...fresh, ...facts }, at), "refuse")
    assert.strictEqual(refresh({ ...fresh, ...facts, used: true }, at), "refuse")
  })
})
