import { type Law, laws } from "../../src/testing/contract/index.ts"

/** Laws that together send every statement of the stores, of which `postgres.test.ts` makes sure. */
const names: ReadonlyArray<string> = [
  "an available store is healthy",
  "an unknown id or email finds no account",
  "ten concurrent uses of one refresh token: one gets a new token, and the session ends",
  "ended sessions are deleted in batches of tokens, and active sessions are kept",
  "the credentials of an account are found by its id",
  "a password change requires the current hash, and ends all sessions of this account only [L3]",
  "a disabled account has no sessions and opens none until it is enabled [L4]",
  "accounts are listed by descending id, disabled ones too, across pages",
  "an account is listed by its email in any case, and no other with it",
  "of admins who are disabled concurrently one stays, and the last cannot be disabled [L10]",
  "a renewed hash replaces the one that it was made from, and sessions go on [L3]",
  "a reset token sets the password once, and ends all sessions of its account only [L8]",
  "a service token is found by its hash only, until it is revoked [L9]",
  "service tokens are listed by descending id, without those that are revoked, across pages",
  "a category name is taken in any case, Unicode form and surrounding space",
  "a category is renamed, to any spelling of its own name too, and its products stay in it",
  "the sum of stock and units in orders stays within the maximum, so that restocking always succeeds [S6]",
  "products are listed by newest in the order of the domain, with every filter, across pages",
  "products are listed by name in the order of the domain, with every filter, across pages",
  "products are listed by price in the order of the domain, with every filter, across pages",
  "products are listed by -price in the order of the domain, with every filter, across pages",
  "inactive products, and any products, are listed by newest in the order of the domain, with every filter, across pages",
  "inactive products, and any products, are listed by name in the order of the domain, with every filter, across pages",
  "inactive products, and any products, are listed by price in the order of the domain, with every filter, across pages",
  "inactive products, and any products, are listed by -price in the order of the domain, with every filter, across pages",
  "an order keeps name, SKU and price after later changes of its products [S4]",
  "an unknown order id finds nothing",
  "a quote is what placing makes of the same draft, and changes nothing",
  "an unknown voucher id finds nothing, and cannot be changed",
  "a voucher is found and listed exactly as it was added, newest first, across pages",
  "a voucher's code is taken in any case, Unicode form and surrounding space, and is used in any of them",
  "a change of a voucher is stored as the domain decides, and keeps the uses that orders have taken",
  "a refused order takes no use of a voucher, whatever refuses it [S13]",
  "a use is given back once, whatever lets the order fail or cancels it, and can be taken again [S13]",
  "orders are listed by descending id, by status and customer, across pages",
  "orders are listed by stage: those that were moved to it, and those of a status that were not moved",
  "an order with a pending payment and an unknown order cannot expire",
  "a sweep expires unpaid orders from before a time, in batches, and no other orders",
  "the feed returns every event of every order once, in order, from any position",
  "the latest position is that of the last event, and events after it are those that come later",
  "payments pending since before a time are leased, oldest first, each to one caller until the lease ends",
  "payments from before a time are not leased",
  "payments of methods that the caller does not accept are neither leased nor held up [P6]",
  "a recorded charge is a payment that begins and settles in one step",
  "an order with an authorization can neither be paid again nor expire; a cancellation of it is a void",
  "a cancellation with a refund reserves what is due in the same step",
  "a refund or a chargeback that the host records is an operation that begins and settles in one step",
  "an unknown order has no operations, and an unknown operation cannot be settled",
  "pending operations since a time and of accepted payment methods are leased, oldest first, each to one caller until the lease ends [P12]",
  "authorizations to void are those of cancelled orders and old ones, longest held first, unless something has ended them or a void was tried lately",
  "to place an order again with the same key returns the first result also after later changes [I4]",
  "a refusal to place an order leaves the key unused",
  "to record a charge again with the same key returns the first result and changes nothing",
  "keys first used before a time are deleted in batches, and can then be used again",
  "a missing end of a period is unbounded",
  "sums are exact, however large [R2]",
  "the date range of a period extends from its first order to its last, in any status",
  "orders are totalled from each start until the next, for every status and currency [R1]",
  "the best-selling products are sorted by units in revenue orders, then by id, with their current names",
  "what is stored stays readable, although no input may be like this today",
  "an integrity check covers every invariant and finds no violation"
]

/**
 * For surroundings in which a statement may fail that goes through elsewhere, but in which what the statements make of
 * the data, and of each other, is the same.
 */
export const oneLawPerStatement: ReadonlyArray<Law> = laws.filter(({ name }) => names.includes(name))

if (oneLawPerStatement.length < names.length) throw new Error("A law has another name now")
