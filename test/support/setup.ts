/** What happens around every test file of the project `database`. */
import { afterAll } from "vitest"
import { endLasting } from "./lasting.ts"

afterAll(endLasting)
