import { Layer, References } from "effect"
import { layer as memoryStores } from "../../src/adapters/memory/index.ts"
import { layer as sqlStores } from "../../src/adapters/postgres/index.ts"
import { BeforeCommit } from "../../src/ports/BeforeCommit.ts"
import { hookLaws, laws, scriptedHook } from "../../src/testing/contract/index.ts"
import { obeysTheLaws } from "../support/contract.ts"
import { pgliteStores } from "../support/pglite.ts"
import { freshClient } from "../support/postgres.ts"
import { oneLawPerStatement } from "./statements.ts"

/** Without a log, which would have what the laws make the hook do wrong. */
const hooked = <A, E, R>(stores: Layer.Layer<A, E, R>) => {
  const quiet = Layer.succeed(References.MinimumLogLevel, "None")
  return Layer.provide(stores, Layer.succeed(BeforeCommit, scriptedHook)).pipe(Layer.provideMerge(quiet))
}

const freshStores = Layer.provideMerge(sqlStores(), freshClient)

obeysTheLaws("memory with a hook", hooked(memoryStores), [...hookLaws, ...laws])
obeysTheLaws("PGlite with a hook", hooked(pgliteStores), hookLaws)
obeysTheLaws("PostgreSQL with a hook", hooked(freshStores), [...hookLaws, ...oneLawPerStatement])
