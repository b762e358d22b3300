import { describe, it } from "@effect/vitest"
import { assertFailure, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Result, Schema } from "effect"
import {
  afterRedeeming,
  changeVoucher,
  createVoucher,
  NewVoucher,
  redeem,
  takenKey,
  type Voucher,
  VoucherNotValid,
  type VoucherStock
} from "../../../src/domain/pricing/Voucher.ts"
import { CustomerId, VoucherId } from "../../../src/domain/shared/Ids.ts"
import { normalizeKey } from "../../../src/domain/shared/Text.ts"
import { int, newVoucher, time, voucher, voucherChange } from "../../../src/testing/Generators.ts"
import { accepts, faultsIn, untouched } from "../support.ts"

const id = VoucherId.make("0198c0de-0000-7000-8000-000000000001")
const customerId = CustomerId.make("0198c0de-0000-7000-8000-000000000002")
const at = new Date("2026-03-01T00:00:00Z")
const input = { code: "Spring", name: "Spring sale", rate: 100_000 }
const goods = { amount: 2000, currency: "EUR" }

const stockOf = (voucher: Voucher, taken: ReadonlyArray<number> = []): VoucherStock => ({
  vouchers: new Map([[normalizeKey(voucher.code), voucher]]),
  taken: new Map([[takenKey({ voucherId: voucher.id, redeemer: customerId }), taken]])
})
const made = (fields: Partial<Voucher>): Voucher => ({ ...createVoucher(input, { id, at }), ...fields })
const asked = (voucher: Voucher, taken: ReadonlyArray<number> = [], code = voucher.code) =>
  redeem(code, stockOf(voucher, taken), { customerId, goods, at })

const later = new Date(at.getTime() + 1)

describe("a new voucher", () => {
  it.prop(
    "is active, has all its uses, and nothing where nothing was given",
    { input: newVoucher, at: time },
    ({ input, at }) => {
      const { usesLeft, active, uses, ...voucher } = untouched(input, (input) =>
        createVoucher(input, { id, at })
      )
      deepStrictEqual([usesLeft, active, uses], [input.uses ?? null, true, input.uses ?? null])
      const none = {
        rate: null,
        amount: null,
        currency: null,
        minimum: null,
        startsAt: null,
        endsAt: null,
        perCustomer: null
      }
      const { uses: _, ...given } = input
      deepStrictEqual(voucher, { ...none, ...given, id, createdAt: at, updatedAt: at })
    }
  )

  it.each([
    [{ rate: 0 }, "/rate"],
    [{ rate: 1_000_001 }, "/rate"],
    [{ rate: undefined }, ""],
    [{ amount: 100, currency: "EUR" }, ""],
    [{ rate: undefined, amount: 100 }, ""],
    [{ rate: undefined, amount: 0, currency: "EUR" }, "/amount"],
    [{ rate: undefined, amount: 1.5, currency: "EUR" }, "/amount"],
    [{ minimum: 100 }, ""],
    [{ minimum: -1, currency: "EUR" }, "/minimum"],
    [{ currency: "euro" }, "/currency"],
    [{ startsAt: at, endsAt: at }, ""],
    [{ uses: 0 }, "/uses"],
    [{ perCustomer: 0 }, "/perCustomer"],
    [{ perCustomer: 1001 }, "/perCustomer"],
    [{ code: " " }, "/code"]
  ])("never has %o", (fields, path) => {
    assertTrue(accepts(NewVoucher, input))
    deepStrictEqual(faultsIn(Schema.toType(NewVoucher), { ...input, ...fields }), [path])
  })
})

describe("a change of a voucher", () => {
  it.prop(
    "keeps the uses that are taken, and touches nothing else than it names",
    { voucher, change: voucherChange, taken: int(0, 30), at: time },
    ({ voucher, change, taken, at }) => {
      const used = {
        ...voucher,
        usesLeft: voucher.usesLeft === null ? null : Math.max(0, voucher.usesLeft - taken)
      }
      const wereTaken = (voucher.uses ?? 0) - (used.usesLeft ?? 0)
      const changed = untouched({ used, change }, ({ used, change }) => changeVoucher(used, change, at))
      if (Result.isFailure(changed)) return
      const { uses, usesLeft, ...others } = changed.success
      strictEqual((uses ?? 0) - (usesLeft ?? 0), wereTaken)
      strictEqual(uses, voucher.uses === null ? null : (change.uses ?? voucher.uses))
      const { uses: _, usesLeft: __, ...before } = used
      const { uses: ___, ...named } = change
      deepStrictEqual(others, { ...before, ...named, updatedAt: at })
    }
  )

  it.each([
    [{ uses: 5, usesLeft: 2 }, { uses: 2 }, "/uses"],
    [{ uses: null, usesLeft: null }, { uses: 2 }, "/uses"],
    [{ startsAt: at }, { endsAt: at }, "/endsAt"]
  ])("of %o is refused if it says %o", (fields, change, path) => {
    const refused = changeVoucher(made(fields), change, at)
    assertTrue(Result.isFailure(refused))
    deepStrictEqual(
      refused.failure.errors.map((error) => error.path),
      [path]
    )
  })

  it("may take the last use away that no order has", () => {
    strictEqual(Result.getOrThrow(changeVoucher(made({ uses: 5, usesLeft: 2 }), { uses: 3 }, at)).usesLeft, 0)
  })
})

describe("a voucher", () => {
  it.each([
    ["over", { active: false }, []],
    ["over", { endsAt: at }, []],
    ["not yet", { startsAt: later }, []],
    ["used up", { uses: 3, usesLeft: 0 }, []],
    ["used by this customer", { perCustomer: 2 }, [0, 1]],
    ["currency", { currency: "USD" }, []],
    ["minimum", { currency: "EUR", minimum: 2001 }, []]
  ] as const)("is not valid: %s", (reason, fields, taken) => {
    assertFailure(asked(made(fields), taken), new VoucherNotValid({ code: "Spring", reason }))
  })

  it("is unknown by another code, and known by its code in any case", () => {
    assertFailure(asked(made({}), [], "Sprung"), new VoucherNotValid({ code: "Sprung", reason: "unknown" }))
    assertTrue(Result.isSuccess(asked(made({}), [], " SPRING ")))
  })

  it("is valid from its start to before its end, and from its minimum on", () => {
    const fields = {
      startsAt: at,
      endsAt: later,
      currency: "EUR",
      minimum: 2000,
      uses: 1,
      usesLeft: 1,
      perCustomer: 1
    }
    const { discount, redemption } = Result.getOrThrow(asked(made(fields)))
    deepStrictEqual(discount, {
      kind: "discount",
      code: "Spring",
      name: "Spring sale",
      voucherId: id,
      rate: 100_000
    })
    deepStrictEqual(redemption, { voucherId: id, redeemer: customerId, nth: 0 })
  })

  it("takes the first number of a use that is free", () => {
    strictEqual(Result.getOrThrow(asked(made({ perCustomer: 3 }), [0, 2])).redemption.nth, 1)
    strictEqual(Result.getOrThrow(asked(made({}), [])).redemption.nth, null)
  })

  it.prop(
    "is used up after its uses, one by one",
    { uses: int(1, 20), perCustomer: int(1, 20) },
    ({ uses, perCustomer }) => {
      let stock = stockOf(made({ uses, usesLeft: uses, perCustomer }))
      let times = 0
      for (;;) {
        const redeemed = redeem("spring", stock, { customerId, goods, at })
        if (Result.isFailure(redeemed)) {
          strictEqual(redeemed.failure.reason, times === uses ? "used up" : "used by this customer")
          break
        }
        stock = afterRedeeming(stock, [redeemed.success.redemption])
        times += 1
      }
      strictEqual(times, Math.min(uses, perCustomer))
    }
  )
})
