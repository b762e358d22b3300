import { Arbitrary, Effect } from "effect"
import * as Memory from "effect-commerce/memory"
import { Generators, type Law, laws } from "effect-commerce/testing"

const [first]: ReadonlyArray<Law> = laws
if (first !== undefined) await Effect.runPromise(Effect.provide(first.check, Memory.layer))
const [email] = await Effect.runPromise(Arbitrary.sampleEffect(Generators.email, { count: 1 }))
console.log(email?.includes("@"))
