import { freshClient } from "../support/postgres.ts"
import { agreesWithTheModel } from "./agreement.ts"

agreesWithTheModel("PostgreSQL", freshClient, 50)
