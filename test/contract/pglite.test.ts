import { obeysTheLaws } from "../support/contract.ts"
import { pgliteStores } from "../support/pglite.ts"

obeysTheLaws("PGlite", pgliteStores)
