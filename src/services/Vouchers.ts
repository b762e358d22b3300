import { Context, Effect, Layer, Option, type Stream } from "effect"
import {
  createVoucher,
  type Voucher,
  type VoucherCodeTaken,
  VoucherKey,
  VoucherNotFound
} from "../domain/pricing/Voucher.ts"
import { systemActor } from "../domain/shared/Attribution.ts"
import {
  claimFor,
  type IdempotencyKeyReused,
  type IdempotentResult,
  resultOf
} from "../domain/shared/Idempotency.ts"
import { VoucherId } from "../domain/shared/Ids.ts"
import type { InvalidInput } from "../domain/shared/InvalidInput.ts"
import { defaultLimit, keyset, type Page } from "../domain/shared/Page.ts"
import type { StoreUnavailable } from "../ports/errors.ts"
import { VoucherStore } from "../ports/VoucherStore.ts"
import { traced } from "../telemetry/Traced.ts"
import { allPages } from "./AllPages.ts"
import { Ids, now } from "./Ids.ts"
import type { ChangeOptions } from "./inputs/Options.ts"
import {
  type ChangeVoucherInput,
  type CreateVoucherInput,
  decodeChangeVoucher,
  decodeCreateVoucher,
  decodeVoucherId,
  decodeVoucherQuery,
  type VoucherQueryInput
} from "./inputs/Vouchers.ts"

type Create<A> = (
  input: CreateVoucherInput,
  options?: ChangeOptions
) => Effect.Effect<A, InvalidInput | VoucherCodeTaken | IdempotencyKeyReused | StoreUnavailable>

/** Creates, changes and lists vouchers. Orders name them by `codes`. Trusts its caller: check access before. */
export class Vouchers extends Context.Service<
  Vouchers,
  {
    /** Creates a voucher. Does not record the actor, who is only the scope of the idempotency key. */
    readonly create: Create<Voucher>
    /** Does the same, and tells whether the result is a replay of an earlier call with the same key. */
    readonly createOrReplay: Create<IdempotentResult<Voucher>>
    /**
     * Changes the given members of a voucher. Orders keep the discounts that they have. Does not record the actor, who is only
     * the scope of the idempotency key.
     */
    readonly change: (
      input: ChangeVoucherInput,
      options?: ChangeOptions
    ) => Effect.Effect<Voucher, InvalidInput | VoucherNotFound | IdempotencyKeyReused | StoreUnavailable>
    /** Returns a voucher, with the number of its uses that are left. */
    readonly get: (
      voucherId: string
    ) => Effect.Effect<Voucher, InvalidInput | VoucherNotFound | StoreUnavailable>
    /** Returns a page of the vouchers, newest first. */
    readonly list: (
      query?: VoucherQueryInput
    ) => Effect.Effect<Page<Voucher>, InvalidInput | StoreUnavailable>
    /** Streams all vouchers, newest first. Reads a page when its first voucher is needed. */
    readonly listAll: () => Stream.Stream<Voucher, InvalidInput | StoreUnavailable>
  }
>()("effect-commerce/services/Vouchers") {
  static readonly layer = Layer.effect(
    Vouchers,
    Effect.suspend(() => make)
  ).pipe(Layer.provide(Ids.layer))
}

const voucherPages = keyset(VoucherKey)

const make = Effect.gen(function* () {
  const store = yield* VoucherStore
  const newId = yield* Ids

  const createOrReplay = Effect.fnUntraced(function* (input: CreateVoucherInput, options?: ChangeOptions) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeCreateVoucher(input, options)
    const voucher = createVoucher(request, { id: yield* newId(VoucherId), at: yield* now })
    return yield* store.add(voucher, claimFor("create voucher", actor, idempotencyKey, request))
  })

  const change = Effect.fnUntraced(function* (input: ChangeVoucherInput, options?: ChangeOptions) {
    const [request, { actor = systemActor, idempotencyKey }] = yield* decodeChangeVoucher(input, options)
    const { voucherId, ...changes } = request
    const claim = claimFor("change voucher", actor, idempotencyKey, request)
    return resultOf(yield* store.change(voucherId, changes, yield* now, claim))
  })

  const get = Effect.fnUntraced(function* (input: string) {
    const voucherId = yield* decodeVoucherId(input)
    const found = yield* store.get(voucherId)
    return yield* Option.isSome(found) ? Effect.succeed(found.value) : new VoucherNotFound({ voucherId })
  })

  const list = Effect.fnUntraced(function* (input: VoucherQueryInput = {}) {
    const { limit = defaultLimit, cursor } = yield* decodeVoucherQuery(input)
    const pages = voucherPages("vouchers")
    const after = yield* Effect.fromResult(pages.after(cursor))
    const found = yield* store.list(after?.[0], limit + 1)
    return pages.page(found, limit, ({ id }) => [id] as const)
  })

  return Vouchers.of(
    traced("Vouchers", {
      create: (input, options) => Effect.map(createOrReplay(input, options), resultOf),
      createOrReplay,
      change,
      get,
      list,
      listAll: () => allPages(list)
    })
  )
})
