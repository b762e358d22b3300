import { pgliteClient } from "../support/pglite.ts"
import { agreesWithTheModel } from "./agreement.ts"

agreesWithTheModel("PGlite", pgliteClient, 24)
